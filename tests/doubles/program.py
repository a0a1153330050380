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
SECRET_MARK = "4dabf18193072939515e22adb298388d"


@dataclass
class FakeProviders(mocks.Mocks):
    """Answers registrations and lookups as the providers of this project would."""

    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    stack_outputs: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            return args.name, {**args.inputs, "outputs": self.stack_outputs}
        assert args.name not in self.inputs, f"two resources are called {args.name}"
        self.inputs[args.name] = {
            key: rpc.unwrap_rpc_secret(value) for key, value in args.inputs.items()
        }
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
    match args.typ.removeprefix(NEON):
        case "Role":
            return {"password": "made-by-neon"}
        case "Database":
            hosts = {"host": "ep-1.neon.tech", "pooled_host": "ep-1-pooler.neon.tech"}
            return {**hosts, "port": 5432, "sslmode": "require"}
    if args.typ.startswith("kubernetes:") and "name" not in given.get("metadata", {"name": ""}):
        return {"metadata": {**given["metadata"], "name": f"{args.name}-1a2b3c4d"}}
    return clouds.invented(args.typ, args.name, given)


@dataclass(frozen=True)
class Declared:
    """What a program registered, once all of it has landed.

    `secret` tells of every output whether it is secret, `secret_inputs` which inputs of a resource
    went to the engine as secrets, `dependencies` what it waits for. `kept` are the resources that
    the engine neither deletes nor replaces. `providers` are those that a program chose itself.
    """

    urns: tuple[str, ...]
    inputs: dict[str, dict[str, Any]]
    outputs: dict[str, Any]
    secret: dict[str, bool]
    secret_inputs: dict[str, frozenset[str]]
    dependencies: dict[str, frozenset[str]]
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
) -> Declared:
    """Run a program to its end and return what it registered. What it raises is raised here."""
    providers = FakeProviders(stack_outputs=stack_outputs or {})
    monitor = _Monitor(providers)
    # Never as a preview: there `apply` would not run, and nothing that it checks would be checked.
    mocks.set_mocks(providers, project="slipway", stack=stack, preview=False, monitor=monitor)
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
        kept=frozenset(monitor.kept),
        providers=monitor.providers,
    )
