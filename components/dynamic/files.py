"""Write files whole or not at all."""

import os
import tempfile
from pathlib import Path


def write(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace a file atomically, so that a reader sees the old text or the new, never a part.

    `mode` holds from the first byte on: a secret is never readable for others in between.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
