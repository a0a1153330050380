"""Versions as tuples of numbers, as tools print them."""

import re
import subprocess
from collections.abc import Mapping, Sequence

Version = tuple[int, ...]


def parse(text: str) -> Version | None:
    """Return the first `1.2.3` or `1.2` of a text, or None where there is none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def show(version: Version) -> str:
    """Write a version with dots."""
    return ".".join(str(part) for part in version)


def asked(command: Sequence[str], env: Mapping[str, str] | None = None) -> str | None:
    """Return what a tool prints when asked for its version, or None when it does not run."""
    try:
        answer = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env=dict(env) if env is not None else None,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (answer.stdout or answer.stderr).strip() if answer.returncode == 0 else None
