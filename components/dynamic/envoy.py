"""Envoy's files: written atomically, and seen to be applied where an Envoy runs already."""

import hashlib
import json
import re
import time
import urllib.request
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from components.dynamic import files

PATIENCE_SECONDS = 20.0
KINDS = {"listeners": "listener.v3.Listener", "clusters": "cluster.v3.Cluster"}
KINDS["routes"] = "route.v3.RouteConfiguration"
READOUTS = {
    "listeners": re.compile(r"listener_manager\.lds\.version_text"),
    "clusters": re.compile(r"cluster_manager\.cds\.version_text"),
    "routes": re.compile(r"http\.\w+\.rds\.routes\.version_text"),
}
"""Envoy's own words for which version of each kind it has applied."""


class DiscoveryProvider(dynamic.ResourceProvider):
    """Keeps one discovery file. A running Envoy must report the new version before it counts."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Write the file."""
        return dynamic.CreateResult(f"{props['directory']}/{props['kind']}", _write(props))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the content."""
        moved = [key for key in ("directory", "kind") if old[key] != new[key]]
        changed = old["resources"] != new["resources"] or old["admin_port"] != new["admin_port"]
        return dynamic.DiffResult(changes=changed or bool(moved), replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Write the file again."""
        return dynamic.UpdateResult(_write(new))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See what is in the file."""
        try:
            text = _path(props).read_text()
        except OSError:
            return dynamic.ReadResult("", {})
        version = json.loads(text)["version_info"] if text else ""
        seen = props["resources"] if version == _version(props) else ""
        return dynamic.ReadResult(id_, {**props, "resources": seen})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove the file."""
        _path(props).unlink(missing_ok=True)


def _path(props: dict[str, Any]) -> Path:
    return Path(props["directory"]) / f"{props['kind']}.json"


def _version(props: dict[str, Any]) -> str:
    return hashlib.sha256(str(props["resources"]).encode()).hexdigest()[:16]


def _write(props: dict[str, Any]) -> dict[str, Any]:
    resources, version = json.loads(props["resources"]), _version(props)
    url = f"type.googleapis.com/envoy.config.{KINDS[props['kind']]}"
    typed = [{"@type": url, **resource} for resource in resources]
    previous = _path(props).read_text() if _path(props).exists() else None
    files.write(_path(props), json.dumps({"version_info": version, "resources": typed}, indent=1))
    try:
        _see_it_applied(int(props["admin_port"]), props["kind"], version, bool(typed))
    except TimeoutError:
        if previous is not None:
            files.write(_path(props), previous)
        raise
    return props


def _see_it_applied(admin_port: int, kind: str, version: str, expected: bool) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while expected:
        versions = _applied(admin_port, kind)
        if versions is None or (versions and versions == {version}):
            return  # no Envoy runs yet: it reads the file when it starts
        if time.monotonic() > deadline:
            raise TimeoutError(f"Envoy has not applied {kind} {version}: it reports {versions}")
        time.sleep(0.02)


def _applied(admin_port: int, kind: str) -> set[str] | None:
    url = f"http://127.0.0.1:{admin_port}/stats?filter=version_text&type=TextReadouts"
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            lines = response.read().decode().splitlines()
    except OSError:
        return None
    pairs = (line.split(": ", 1) for line in lines if ": " in line)
    return {value.strip('"') for name, value in pairs if READOUTS[kind].fullmatch(name)}


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
        text = pulumi.Output.from_input(resources).apply(
            lambda value: json.dumps(value, sort_keys=True)
        )
        inputs = {
            "directory": directory,
            "kind": kind,
            "admin_port": admin_port,
            "resources": text,
        }
        super().__init__(DiscoveryProvider(), name, inputs, opts)
