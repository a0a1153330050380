"""Write files whole or not at all: a reader sees the old text or the new, never a part."""

import os
import tempfile
from pathlib import Path


def replace(path: Path, text: str, *, mode: int = 0o640) -> Path:
    """Write a record that has to outlast a crash of the machine; return its path."""
    _whole(path, text, mode, sync=True)
    return path


def write(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write what is declared again where a crash has lost it; the disk is not waited for."""
    _whole(path, text, mode, sync=False)


def _whole(path: Path, text: str, mode: int, *, sync: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            # From the first byte on: a secret is never readable for others in between.
            os.fchmod(stream.fileno(), mode)
            stream.write(text)
            if sync:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
