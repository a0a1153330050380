"""Versions as tuples of numbers, as tools print them."""

import contextlib
import re
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

Version = tuple[int, ...]


def parse(text: str) -> Version | None:
    """Return the first `1.2.3` or `1.2` of a text, or None where there is none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def show(version: Version) -> str:
    """Write a version with dots."""
    return ".".join(str(part) for part in version)


def remembered(command: Sequence[str], env: Mapping[str, str], memory: Path) -> str | None:
    """Return what `asked` does, from memory where the very same file was asked before.

    Starting a large program only to hear its version takes a tenth of a second.
    """
    try:
        seen = Path(command[0]).resolve().stat()
    except OSError:
        return asked(command, env)
    known = f"{command[0]} {seen.st_size} {seen.st_mtime_ns} {seen.st_ino}"
    note = memory / f"{zlib.crc32(known.encode()):08x}"
    with contextlib.suppress(OSError):
        identity, _, printed = note.read_text().partition("\n")
        if identity == known:
            return printed
    answer = asked(command, env)
    if answer is not None:
        with contextlib.suppress(OSError):  # a cache that cannot be written costs time, no more
            memory.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{known}\n{answer}")
    return answer


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
