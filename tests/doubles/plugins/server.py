"""A provider plugin: what the engine starts, and talks to over gRPC.

Run as `python -m tests.doubles.plugins.server aws`, with the clouds' folder in SLIPWAY_DOUBLES.
"""

import importlib
import importlib.util
import json
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2


def _spare() -> None:
    # `pulumi` takes half a second to import, and only its message types are needed: empty
    # packages in its place let them be imported alone. shapes.py puts the real ones back.
    spec = importlib.util.find_spec("pulumi")
    assert spec and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    for name, path in (("pulumi", folder), ("pulumi.runtime", folder / "runtime")):
        module = types.ModuleType(name)
        module.__path__ = [str(path)]
        sys.modules[name] = module


if "pulumi" not in sys.modules:
    _spare()

proto = importlib.import_module("pulumi.runtime.proto.provider_pb2")
proto_plugin = importlib.import_module("pulumi.runtime.proto.plugin_pb2")
proto_grpc = importlib.import_module("pulumi.runtime.proto.provider_pb2_grpc")

from tests.doubles.plugins.cloud import VARIABLE, Call, Cloud, Fault, Object  # noqa: E402
from tests.doubles.plugins.comparison import INTERNAL, changes  # noqa: E402
from tests.doubles.plugins.programs import load  # noqa: E402
from tests.doubles.plugins.provider import Making, Refused, completed  # noqa: E402
from tests.doubles.plugins.shapes import problems, shape, version  # noqa: E402
from tests.doubles.plugins.values import UNKNOWN, read, write  # noqa: E402
from tests.doubles.plugins.values import Path as Trail  # noqa: E402

LIMIT = 400 * 1024 * 1024
LOOK_SECONDS = 5
KINDS = {
    "add": ("ADD", "ADD_REPLACE"),
    "delete": ("DELETE", "DELETE_REPLACE"),
    "update": ("UPDATE", "UPDATE_REPLACE"),
}


class HalfMade(Exception):
    """The change was made, and the provider says that it did not come to a good end."""

    def __init__(self, message: str, response: Any) -> None:
        super().__init__(message)
        self.response = response


class Servicer(proto_grpc.ResourceProviderServicer):  # type: ignore[misc, name-defined]
    """Speaks for one provider."""

    def __init__(self, package: str, cloud: Cloud) -> None:
        self.package = package
        self.cloud = cloud
        self.provider = load(package)(cloud)

    # What the engine asks before it deploys.

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        return proto.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return proto_plugin.PluginInfo(version=version(self.package))

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        schema = {"name": self.package, "version": version(self.package)}
        return proto.GetSchemaResponse(schema=json.dumps(schema))

    def GetMapping(self, request: Any, context: Any) -> Any:  # noqa: N802
        return proto.GetMappingResponse()

    def GetMappings(self, request: Any, context: Any) -> Any:  # noqa: N802
        return proto.GetMappingsResponse()

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def SignalCancellation(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, secrets = read(request.news)
        call = self._call("CheckConfig", request, type=f"pulumi:providers:{self.package}")

        def change() -> Any:
            form = shape(self.package, call.type)
            assert form
            given = {k: decoded(v) for k, v in inputs.items() if k not in ("version", "internal")}
            found = [
                each
                for each in problems({**form, "required": []}, given)
                if each[1].startswith("unknown")
            ]
            return proto.CheckResponse(inputs=write(inputs, secrets), failures=failures(found))

        return self._answer(call, context, change)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        olds, _ = read(request.old_inputs)
        news, _ = read(request.news)
        call = self._call("DiffConfig", request, type=f"pulumi:providers:{self.package}")

        def change() -> Any:
            replaces = self.provider.replaces_itself(olds, news)
            differ = sorted(k for k in {*olds, *news} if olds.get(k) != news.get(k))
            some = proto.DiffResponse.DIFF_SOME if differ else proto.DiffResponse.DIFF_NONE
            return proto.DiffResponse(changes=some, diffs=differ, replaces=replaces)

        return self._answer(call, context, change)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        config, _ = read(request.args)
        config |= {k.rpartition(":")[2]: v for k, v in request.variables.items() if v}
        self.provider = load(self.package)(
            self.cloud, {key: decoded(value) for key, value in config.items()}
        )

        def change() -> Any:
            self.provider.configure()
            return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

        call = self._call("Configure", request, type=f"pulumi:providers:{self.package}")
        return self._answer(call, context, change)

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        arguments, _ = read(request.args)

        def change() -> Any:
            found = self.provider.invoke(request.tok, arguments)
            return proto.InvokeResponse(**{"return": write(found)})

        call = self._call("Invoke", request, type=request.tok, preview=request.preview)
        return self._answer(call, context, change)

    # What happens to a resource.

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        news, secrets = read(request.news)
        news = {k: v for k, v in news.items() if not k.startswith(INTERNAL)}  # from an import
        olds, _ = read(request.olds)
        call = self._call("Check", request)

        def change() -> Any:
            inputs, found = self.provider.check(
                call.type, call.name, news, olds, request.randomSeed
            )
            return proto.CheckResponse(inputs=write(inputs, secrets), failures=failures(found))

        return self._answer(call, context, change)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        olds, _ = read(request.olds)
        news, _ = read(request.news)
        inputs, _ = read(request.old_inputs)
        call = self._call("Diff", request)

        def change() -> Any:
            found = [
                each
                for each in (
                    *changes(news, olds, inputs, unordered=self.provider.unordered),
                    *self.provider.differs(call.type, olds, news),
                )
                if not any(
                    each.text == path or each.text.startswith((f"{path}.", f"{path}["))
                    for path in request.ignoreChanges
                )
            ]
            forces = self.provider.forces(call.type, olds, news)
            replacing = [each for each in found if each.replaces(forces)]
            kinds = proto.PropertyDiff.Kind
            detailed = {
                each.text: proto.PropertyDiff(
                    kind=kinds.Value(KINDS[each.how][each in replacing]), inputDiff=True
                )
                for each in found
            }
            some = proto.DiffResponse.DIFF_SOME if found else proto.DiffResponse.DIFF_NONE
            return proto.DiffResponse(
                changes=some,
                diffs=sorted({str(each.path[0]) for each in found}),
                replaces=sorted({str(each.path[0]) for each in replacing}),
                deleteBeforeReplace=bool(replacing)
                and self.provider.deletes_first(call.type, found, news),
                detailedDiff=detailed,
                hasDetailedDiff=True,
            )

        return self._answer(call, context, change)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, secrets = read(request.properties)
        call = self._call("Create", request, preview=request.preview)
        making = Making(self.provider, call.type, call.name, inputs)

        def change() -> Any:
            if call.preview:
                foreseen = self.provider.foresee(making)
                return proto.CreateResponse(properties=self._write(call.type, foreseen, secrets))
            with self.cloud.alone():
                made = self.provider.create(making, call.urn)
                self.cloud.put(made)
                self.provider.kind(call.type).after(making, made)
            properties = self._write(call.type, made.outputs, secrets)
            return proto.CreateResponse(id=made.id, properties=properties)

        return self._answer(call, context, change)

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, secrets = read(request.news)
        olds, _ = read(request.olds)
        call = self._call("Update", request, preview=request.preview)
        provider = self.provider

        def change() -> Any:
            if call.preview:
                before = read(request.old_inputs)[0]
                old = Object(self.package, call.type, call.id, inputs=before, outputs=olds)
                kept = {k: v for k, v in olds.items() if k not in before}
                fresh = dict.fromkeys(provider.kind(call.type).fresh, UNKNOWN)
                foreseen = {**kept, **completed(inputs, old), **fresh}
                return proto.UpdateResponse(properties=self._write(call.type, foreseen, secrets))
            with self.cloud.alone():
                old = self.cloud.get(self.package, call.type, call.id, provider.scope(olds))
                if old is None:
                    raise Refused(f"NotFound: {call.type} {call.id} does not exist")
                making = Making(provider, call.type, call.name, inputs, old)
                made = provider.update(making)
                self.cloud.put(made)
                provider.kind(call.type).after(making, made)
            return proto.UpdateResponse(properties=self._write(call.type, made.outputs, secrets))

        return self._answer(call, context, change)

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        known, secrets = read(request.properties)
        _, given = read(request.inputs)
        call = self._call("Read", request)

        def change() -> Any:
            scope = self.provider.scope(known)
            found = self.cloud.get(self.package, call.type, call.id, scope)
            if found and not self.provider.has(found):
                self.cloud.remove(found)
                found = None
            if found is None:
                return proto.ReadResponse()
            return proto.ReadResponse(
                id=found.id,
                properties=self._write(call.type, found.outputs, secrets | given),
                inputs=write(found.inputs, given or secrets),
            )

        return self._answer(call, context, change)

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        known, _ = read(request.properties)
        call = self._call("Delete", request)

        def change() -> Any:
            with self.cloud.alone():
                scope = self.provider.scope(known)
                found = self.cloud.get(self.package, call.type, call.id, scope)
                if found:  # else somebody was quicker, which real providers take for done
                    self.provider.delete(found)
                    self.cloud.remove(found)
            return empty_pb2.Empty()

        return self._answer(call, context, change)

    # How a call is answered, logged, and made to fail.

    def _call(self, method: str, request: Any, **known: Any) -> Call:
        urn = getattr(request, "urn", "")
        found = {
            "type": urn.split("::")[2].rpartition("$")[2] if urn else "",
            "name": urn.partition("::")[2].split("::", 2)[-1] if urn else "",
            "id": getattr(request, "id", ""),
            **known,
        }
        return Call(self.package, method, urn=urn, time=time.time(), pid=os.getpid(), **found)

    def _answer(self, call: Call, context: Any, change: Callable[[], Any]) -> Any:
        try:
            with self._logged(call) as entry:
                fault = self.cloud.fault(call)
                if fault:
                    self._strike(call, fault, after=False)
                response = change()
                entry.append(getattr(response, "id", "") or call.id)
                if fault:
                    self._strike(call, fault, after=True, response=response)
                return response
        except HalfMade as half:
            self._abort_half_made(call, half, context)
        except Refused as refused:
            context.abort(grpc.StatusCode.UNKNOWN, str(refused))

    @contextmanager
    def _logged(self, call: Call) -> Iterator[list[str]]:
        ids: list[str] = []
        outcome = "ok"
        try:
            yield ids
        except Exception as error:
            outcome = str(error) or type(error).__name__
            raise
        finally:
            seconds = round(time.time() - call.time, 4)
            known = ids[0] if ids else call.id
            self.cloud.log(replace(call, id=known, outcome=outcome, seconds=seconds))

    def _strike(self, call: Call, fault: Fault, *, after: bool, response: Any = None) -> None:
        if not after and fault.when == "slow":
            time.sleep(fault.seconds)
        if fault.when == ("die_after" if after else "die"):
            known = getattr(response, "id", "") or call.id
            self.cloud.log(replace(call, id=known, outcome="died"))
            os._exit(1)
        if not after and fault.when == "before":
            raise Refused(fault.message)
        if after and fault.when == "lost":
            raise Refused(fault.message)
        if after and fault.when == "after":
            raise HalfMade(fault.message, response)

    def _abort_half_made(self, call: Call, half: HalfMade, context: Any) -> None:
        if call.method in ("Create", "Update"):
            detail = any_pb2.Any()
            detail.Pack(
                proto.ErrorResourceInitFailed(
                    id=getattr(half.response, "id", "") or call.id,
                    properties=half.response.properties,
                    reasons=[str(half)],
                )
            )
            status = status_pb2.Status(code=2, message=str(half), details=[detail])
            encoded = ("grpc-status-details-bin", status.SerializeToString())
            context.set_trailing_metadata((encoded,))
        context.abort(grpc.StatusCode.UNKNOWN, str(half))

    def _write(self, token: str, values: Mapping[str, Any], secrets: set[Trail]) -> Any:
        always = {
            *self.provider.kind(token).secrets,
            *(shape(self.package, token) or {"secrets": ()})["secrets"],
        }
        covered = {path for path in secrets if path[0] not in always}
        return write(values, covered | {(name,) for name in always if name in values})


def failures(found: list[tuple[str, str]]) -> list[Any]:
    """Return problems as the engine takes them."""
    return [proto.CheckFailure(property=where, reason=why) for where, why in found]


def decoded(value: Any) -> Any:
    """Return a provider's setting; the engine hands over whatever is not a string as JSON."""
    if isinstance(value, str) and (value[:1] in ("{", "[") or value in ("true", "false")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def serve(package: str, folder: Path) -> None:
    """Serve a provider until the engine ends the process."""
    options = [("grpc.max_receive_message_length", LIMIT), ("grpc.max_send_message_length", LIMIT)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=options)
    proto_grpc.add_ResourceProviderServicer_to_server(Servicer(package, Cloud(folder)), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda _number, _frame: os._exit(0))
    engine = os.getppid()
    while server.wait_for_termination(LOOK_SECONDS):
        if os.getppid() != engine:
            os._exit(0)  # an engine that was killed ends nobody


if __name__ == "__main__":
    if not os.environ.get(VARIABLE):
        sys.exit(f"pulumi-resource-{sys.argv[1]}: a test's double; {VARIABLE} names no folder")
    serve(sys.argv[1], Path(os.environ[VARIABLE]))
