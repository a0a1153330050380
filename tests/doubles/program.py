"""Run a Pulumi program on an engine in memory: it records what is registered, and invents what
only real providers know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc

from tests.doubles import clouds

PORTS_FROM = 20000
DYNAMIC = "pulumi-python:dynamic/local:"
NEON = "pulumi-python:dynamic/neon:"
ACCESS = "pulumi-python:dynamic/vercel:Access"
SECRET_MARK = "4dabf18193072939515e22adb298388d"


@dataclass
class FakeProviders(mocks.Mocks):
    """Answers registrations and lookups as the providers of this project would.

    While it `foresees`, it knows nothing that only is there once something was made.
    """

    foresees: bool = False
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    stack_outputs: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            return args.name, {**args.inputs, "outputs": self.stack_outputs}
        assert args.name not in self.inputs, f"two resources are called {args.name}"
        self.inputs[args.name] = {
            key: rpc.unwrap_rpc_secret(value) for key, value in args.inputs.items()
        }
        if self.foresees:
            return "", {**args.inputs, **_named(args)}
        return f"{args.name}-id", {**args.inputs, **_invented(args)}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return clouds.looked_up(args.token, args.args), []


def _invented(args: mocks.MockResourceArgs) -> dict[str, Any]:
    given: Mapping[str, Any] = args.inputs
    match args.typ.removeprefix(DYNAMIC):
        case "Ports":
            free = enumerate(given["names"], PORTS_FROM)
            return {"ports": {**{name: port for port, name in free}, **given["fixed"]}}
        case "SecretValues":
            return {"values": {name: f"made-{name}" for name in given["lengths"]}}
        case "Certificate":
            files = {"authority": "ca.pem", "certificate": "certificate.pem", "key": "key.pem"}
            paths = {key: f"{given['directory']}/{name}" for key, name in files.items()}
            return {**paths, "expires": "2030-01-01T00:00:00+00:00"}
    if args.typ == ACCESS:
        return {"secret": "made-by-vercel"}
    match args.typ.removeprefix(NEON):
        case "Role":
            return {"password": "made-by-neon"}
        case "Database":
            hosts = {"host": "ep-1.neon.tech", "pooled_host": "ep-1-pooler.neon.tech"}
            return {**hosts, "port": 5432, "sslmode": "require"}
    return _named(args) or clouds.invented(args.typ, args.name, given)


def _named(args: mocks.MockResourceArgs) -> dict[str, Any]:
    """Return what a provider makes up before it makes anything: the name of an object."""
    given: Mapping[str, Any] = args.inputs
    if not args.typ.startswith("kubernetes:") or "name" in given.get("metadata", {"name": ""}):
        return {}
    return {"metadata": {**given["metadata"], "name": f"{args.name}-1a2b3c4d"}}


@dataclass(frozen=True)
class Declared:
    """What a program registered, once all of it has landed.

    `secret` tells of every output whether it is secret, `secret_inputs` which inputs of a resource
    went to the engine as secrets, `dependencies` what it waits for. The engine neither deletes nor
    replaces those that are `protected`; `kept` are those that stay also where they are let go of.
    `providers` are those that a program chose itself.
    """

    urns: tuple[str, ...]
    inputs: dict[str, dict[str, Any]]
    outputs: dict[str, Any]
    secret: dict[str, bool]
    secret_inputs: dict[str, frozenset[str]]
    dependencies: dict[str, frozenset[str]]
    protected: frozenset[str]
    kept: frozenset[str]
    providers: dict[str, str]

    def types(self) -> dict[str, str]:
        """Map the names of all resources to their types, with their parents' before them."""
        return {urn.split("::")[3]: urn.split("::")[2] for urn in self.urns}


class _Monitor(mocks.MockMonitor):
    """Also remembers which inputs were secret, and what a resource waits for."""

    def __init__(self, providers: FakeProviders) -> None:
        super().__init__(providers)
        self.secret_inputs: dict[str, frozenset[str]] = {}
        self.dependencies: dict[str, frozenset[str]] = {}
        self.protected: set[str] = set()
        self.kept: set[str] = set()
        self.providers: dict[str, str] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        self.secret_inputs[request.name] = frozenset(
            key for key, value in request.object.fields.items() if _is_secret(value)
        )
        self.dependencies[request.name] = frozenset(
            urn.split("::")[3] for urn in request.dependencies
        )
        if request.provider:
            self.providers[request.name] = request.provider.split("::")[3]
        if request.protect:
            self.protected.add(request.name)
        if request.protect and request.retainOnDelete:
            self.kept.add(request.name)
        return super().RegisterResource(request)


def _is_secret(value: Any) -> bool:
    return value.HasField("struct_value") and SECRET_MARK in value.struct_value.fields


def declare(
    program: Callable[[], Mapping[str, pulumi.Output[Any]]],
    *,
    stack: str = "development",
    stack_outputs: dict[str, Any] | None = None,
    preview: bool = False,
) -> Declared:
    """Run a program to its end and return what it registered. What it raises is raised here.

    In a preview nothing is known that somebody has to make first: `apply` does not run on it, and
    nothing is checked that would be checked there. Outputs are then missing where one is unknown.
    """
    providers = FakeProviders(foresees=preview, stack_outputs=stack_outputs or {})
    monitor = _Monitor(providers)
    mocks.set_mocks(providers, project="slipway", stack=stack, preview=preview, monitor=monitor)
    outputs: dict[str, Any] = {}
    secret: dict[str, bool] = {}

    @pulumi.runtime.test
    def run() -> pulumi.Output[Any]:
        made = dict(program())
        marks = {name: pulumi.Output.from_input(value.is_secret()) for name, value in made.items()}
        return pulumi.Output.all(
            pulumi.Output.all(**made).apply(outputs.update),
            pulumi.Output.all(**marks).apply(secret.update),
        )

    run()
    return Declared(
        urns=tuple(sorted(monitor.get_registered_resources())),
        inputs=providers.inputs,
        outputs=outputs,
        secret=secret,
        secret_inputs=monitor.secret_inputs,
        dependencies=monitor.dependencies,
        protected=frozenset(monitor.protected),
        kept=frozenset(monitor.kept),
        providers=monitor.providers,
    )
