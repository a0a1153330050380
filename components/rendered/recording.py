"""Record what a program declares, and answer as if it had been made."""

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi import _types, dynamic
from pulumi.runtime import mocks, rpc

from components.rendered.references import members, reference, stand_in

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""What marks special values in the engine's protocol; among them, secrets."""
SECRET = "$secret"
OBJECT = "kubernetes:"
PYTHON = "pulumi-python:"
DYNAMIC = f"{PYTHON}dynamic/"
MADE, PORTS = f"{DYNAMIC}local:SecretValues", f"{DYNAMIC}local:Ports"
"""What makes values by the names that it is given."""
PORTS_FROM = 20000
MATCHED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "aws:acm/certificate:Certificate": (("domainValidationOptions", "domainName", "domainName"),),
}
"""Lists of outputs whose elements are found by what an input says: list, key in it, input."""
CLOUD = "pulumi_aws"


class Recorder(mocks.Mocks):
    """Answers with references wherever only a cloud, or something that is made, knows."""

    def __init__(self) -> None:
        self.lookups: list[dict[str, Any]] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Return a reference as the id, and the inputs with references for the rest."""
        invented = _outputs(args.typ, args.name, args.inputs)
        made = {k: value for k, value in invented.items() if args.inputs.get(k) is None}
        return reference(args.name, "id"), {**args.inputs, **made, **_named_object(args)}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Return what stands for the answer of a lookup, the same for the same question."""
        asked: dict[str, Any] = {"token": args.token, "args": dict(args.args)}
        known = next((each for each in self.lookups if each.items() >= asked.items()), None)
        if known is None:
            function = args.token.rpartition(":")[2]
            known = {"name": f"{_kebab(function)}-{len(self.lookups) + 1}", **asked}
            self.lookups.append(known)
        return {**members(known["name"], "", _result(args.token), 0), **asked["args"]}, []


class RecordingMonitor(mocks.MockMonitor):
    """Keeps every resource that is not a mere group of others, without the values of secrets."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self.declared: list[dict[str, Any]] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """Record a resource and answer as the engine would."""
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.custom:
            inputs = plain(rpc.deserialize_properties(request.object))
            if request.type.startswith(OBJECT) and "metadata" in inputs:
                inputs["metadata"].setdefault("name", called(request.name))
            self.declared.append(
                {
                    "name": request.name,
                    "type": request.type,
                    "inputs": inputs,
                    "depends_on": sorted(_named(urn) for urn in request.dependencies),
                    "provider": _named(request.provider.rpartition("::")[0]),
                    "protect": bool(request.protect),
                }
            )
        return answer


def plain(value: Any) -> Any:
    """Return a value of the protocol as JSON: of secrets only the names, integers as such."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            held = value.get("value")
            return {SECRET: sorted(held) if isinstance(held, dict) else []}
        # the protocol's maps have no order; what is written down twice is to be the same
        return {key: plain(each) for key, each in sorted(value.items()) if each is not None}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _named_object(args: mocks.MockResourceArgs) -> dict[str, Any]:
    """Return the metadata of an object whose name its provider chooses: the resource's name."""
    about = args.inputs.get("metadata")
    if not args.typ.startswith(OBJECT) or not about or "name" in about:
        return {}
    return {"metadata": {**about, "name": called(args.name)}}


def _outputs(token: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    cls = None if token.startswith(OBJECT) else _class(token)
    if cls is None:
        return {}
    found = {key: stand_in(name, key, hint) for key, hint in _types.resource_types(cls).items()}
    for listed, key, keyed_by in MATCHED.get(token, ()):
        said: Any = given[keyed_by]
        wanted: list[Any] = said if isinstance(said, list) else [said]
        # of what stands in, there may be more than is wanted
        pairs = zip(found[listed], wanted, strict=False)
        found[listed] = [{**one, key: each} for one, each in pairs]
    if token == MADE:
        found["values"] = {one: reference(name, f"values.{one}") for one in given["lengths"]}
    if token == PORTS:
        found["ports"] = {one: port for port, one in enumerate(given["names"], PORTS_FROM)}
    return found


def _class(token: str) -> type | None:
    if token.startswith(DYNAMIC):
        ours, wanted = _classes(dynamic.Resource), token.removeprefix(PYTHON)
        return next((cls for cls in ours if vars(cls).get("_resource_type_name") == wanted), None)
    theirs = _classes(pulumi.CustomResource)
    return next((cls for cls in theirs if getattr(cls, "pulumi_type", "") == token), None)


def _classes(cls: type) -> Iterator[type]:
    known: list[type] = cls.__subclasses__()
    for each in known:
        yield each
        yield from _classes(each)


def _result(token: str) -> type:
    _package, module, function = token.split(":")
    folder = module.partition("/")[0]
    home = CLOUD if folder == "index" else f"{CLOUD}.{folder}"
    file = importlib.import_module(f"{home}.{_kebab(function).replace('-', '_')}")
    wanted = f"{function[0].upper()}{function[1:]}Result"
    found: type = getattr(file, wanted)
    assert inspect.isclass(found)
    return found


def _named(urn: str) -> str:
    return urn.rpartition("::")[2]


def called(name: str) -> str:
    """Return how an object is called that is given no name."""
    return name.removeprefix("application-")


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
