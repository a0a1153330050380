"""The file in which the program is given a desired state, for as long as an engine is at work.

`preview` and `status --drift` work beside whoever holds the environment, and tidies its folder.
"""

import contextlib
import tempfile
from pathlib import Path

from components.contract import flock, handing_over
from components.contract.desired import DesiredState

PREFIX = "desired-"


class DesiredFile:
    """A file that is locked until it is closed, and gone then."""

    def __init__(self, folder: Path) -> None:
        """Make it in a folder, and promise that a state will come."""
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed by `close`
            dir=folder, prefix=PREFIX, suffix=".json"
        )
        handing_over.promise(self._file.file)

    @property
    def name(self) -> str:
        """Return its path."""
        return self._file.name

    def give(self, desired: DesiredState) -> None:
        """Give the state that was promised."""
        handing_over.give(self._file.file, desired)

    def close(self) -> None:
        """Remove it, once nobody reads it any more; also where somebody has already."""
        with contextlib.suppress(FileNotFoundError):
            self._file.close()


def tidy(folder: Path) -> None:
    """Remove what drivers left that were killed: no lock is on it."""
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(FileNotFoundError), path.open("r+b") as left:
            if flock.taken(left.fileno()):
                path.unlink()
