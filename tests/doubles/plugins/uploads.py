"""Files that a hosting platform was given: kept by what they hold, wherever they came from."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path


class Uploads:
    """A folder of files, each under what it was said to be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "uploads"
        self._laid_out = folder / "served"

    def has(self, said: str) -> bool:
        """Tell whether a file was given before."""
        return os.path.lexists(self._folder / said)

    def keep(self, path: Path, said: str) -> None:
        """Take a file, or a link as it is."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _place(path, self._folder / said)

    def laid_out(self, name: str, files: Mapping[str, str], prefix: Path) -> Path:
        """Return a folder with files at their places below a prefix."""
        root = self._laid_out / name
        for path, said in files.items():
            place = root / Path(path).relative_to(prefix)
            place.parent.mkdir(parents=True, exist_ok=True)
            _place(self._folder / said, place)
        return root


def _place(source: Path, target: Path) -> None:
    # A link to the same content costs nothing, and outlasts the source; not so between two disks.
    with contextlib.suppress(FileExistsError):
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:
            shutil.copy2(source, target, follow_symlinks=False)
