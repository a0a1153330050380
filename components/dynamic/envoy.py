"""Envoy's files: written atomically, and seen to be applied where an Envoy runs already."""

import hashlib
import http.client
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from components.contract import files

PATIENCE_SECONDS = 20.0
KINDS = {"listeners": "listener.v3.Listener", "clusters": "cluster.v3.Cluster"}
KINDS["routes"] = "route.v3.RouteConfiguration"
READOUTS = {
    kind: re.compile(rf"{prefix}\.(version_text|update_rejected)")
    for kind, prefix in {
        "listeners": r"listener_manager\.lds",
        "clusters": r"cluster_manager\.cds",
        "routes": r"http\.\w+\.rds\.routes",
    }.items()
}
"""Envoy's own words for what it has applied of each kind, and what it has refused."""
WARMING = "warming_clusters"


class Rejected(RuntimeError):
    """Envoy refuses a configuration; it goes on with the one before."""


@dataclass(frozen=True)
class Observed:
    """Versions that an Envoy has applied of one kind, and how many updates it has rejected.

    `warming` is true while clusters of that version are checked and those before still serve.
    """

    versions: frozenset[str]
    rejected: int
    warming: bool = False


class DiscoveryProvider(dynamic.ResourceProvider):
    """Keeps one discovery file. A running Envoy must report the new version before it counts."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Write the file."""
        return dynamic.CreateResult(f"{props['directory']}/{props['kind']}", _write(props))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the content, and the file: a driver in a hurry may have put another there."""
        moved = [key for key in ("directory", "kind") if old[key] != new[key]]
        changed = old["resources"] != new["resources"] or old["admin_port"] != new["admin_port"]
        drifted = not moved and _found(_path(old)) != _version(old)
        return dynamic.DiffResult(changes=changed or drifted or bool(moved), replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Write the file again."""
        return dynamic.UpdateResult(_write(new))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See what is in the file."""
        if not _path(props).exists():
            return dynamic.ReadResult("", {})
        seen = props["resources"] if _found(_path(props)) == _version(props) else ""
        return dynamic.ReadResult(id_, {**props, "resources": seen})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove the file."""
        _path(props).unlink(missing_ok=True)


def _path(props: dict[str, Any]) -> Path:
    return Path(props["directory"]) / f"{props['kind']}.json"


def _version(props: dict[str, Any]) -> str:
    return hashlib.sha256(str(props["resources"]).encode()).hexdigest()[:16]


def _found(path: Path) -> str | None:
    """Return the version that a file says it holds, or None."""
    try:
        return str(json.loads(path.read_text())["version_info"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def encoded(resources: list[dict[str, Any]]) -> str:
    """Return Envoy's messages as one text: the same for the same messages."""
    return json.dumps(resources, sort_keys=True)


def document(kind: str, resources: str) -> str:
    """Return the content of a discovery file. Its version depends on the resources alone."""
    url = f"type.googleapis.com/envoy.config.{KINDS[kind]}"
    typed = [{"@type": url, **resource} for resource in json.loads(resources)]
    version = _version({"resources": resources})
    return json.dumps({"version_info": version, "resources": typed}, indent=1)


def _write(props: dict[str, Any]) -> dict[str, Any]:
    version = _version(props)
    admin_port, path = int(props["admin_port"]), _path(props)
    previous = path.read_text() if path.exists() else None
    before = _observe(admin_port, props["kind"])
    files.write(path, document(props["kind"], props["resources"]))
    try:
        _see_it_applied(admin_port, props["kind"], version, before)
    except (TimeoutError, Rejected):
        if previous is not None:
            files.write(path, previous)
        raise
    return props


def _see_it_applied(admin_port: int, kind: str, version: str, before: Observed | None) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (now := _observe(admin_port, kind)) is not None:
        if now.versions == {version} and not now.warming:
            return
        if before is not None and now.rejected > before.rejected:
            raise Rejected(f"Envoy rejects the new {kind}: {_reason(admin_port)}")
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"Envoy has not applied {kind} {version}: it reports {now.versions or 'nothing'}"
            )
        time.sleep(0.02)
    # no Envoy runs: it reads the file when it starts


def _observe(admin_port: int, kind: str) -> Observed | None:
    """Return what a running Envoy says, or None where none listens."""
    try:
        lines = _ask(
            admin_port, f"/stats?filter=(version_text|update_rejected|{WARMING})$"
        ).splitlines()
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException):
        return Observed(frozenset(), 0)  # starting, ending or busy: ask again
    found = dict(line.split(": ", 1) for line in lines if ": " in line)
    own = {name: value for name, value in found.items() if READOUTS[kind].fullmatch(name)}
    return Observed(
        frozenset(value.strip('"') for name, value in own.items() if name.endswith("version_text")),
        sum(int(value) for name, value in own.items() if name.endswith("update_rejected")),
        kind == "clusters" and found.get(f"cluster_manager.{WARMING}", "0") != "0",
    )


def _reason(admin_port: int) -> str:
    try:
        dump = _ask(admin_port, "/config_dump")
    except (OSError, http.client.HTTPException):
        return "it says no more"
    details = re.findall(r'"details": ("(?:[^"\\]|\\.)*")', dump)
    return json.loads(details[0]) if details else "its log says why"


def _ask(admin_port: int, path: str) -> str:
    # Not urllib: it would go through the machine's proxy.
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


class Discovery(dynamic.Resource, module="local", name="EnvoyDiscovery"):
    """One of `listeners`, `clusters`, `routes`."""

    directory: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        directory: str,
        kind: str,
        admin_port: pulumi.Input[int],
        resources: pulumi.Input[list[dict[str, Any]]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the file; `resources` are Envoy's own messages as JSON."""
        text = pulumi.Output.from_input(resources).apply(encoded)
        inputs = {
            "directory": directory,
            "kind": kind,
            "admin_port": admin_port,
            "resources": text,
        }
        super().__init__(DiscoveryProvider(), name, inputs, opts)
