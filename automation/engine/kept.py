"""The engine's copy of an environment's file, which holds what belongs to this installation alone.

That is the salt, and the secrets that `slipway secret` set, of which there is no other copy.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automation import stack_file
from automation.errors import Busy
from automation.polling import Clock, wait_until
from components.contract import flock

PATIENCE_SECONDS = 60.0
ASKING_SECONDS = 0.05
HINT = (
    "Mend it by hand. If it cannot be mended, delete it: the next command makes a new one, "
    "and the secrets that `./slipway secret` had set have to be set again."
)


def read(path: Path) -> dict[str, Any]:
    """Return the content, nothing where there is no file. Raise InvalidInput with its path."""
    return stack_file.read(path, str(path), HINT) if path.exists() else {}


@contextlib.contextmanager
def alone(path: Path, clock: Clock) -> Iterator[None]:
    """Keep other processes from changing the copy; ends with its process. Raise Busy."""
    with path.with_suffix(".lock").open("w") as stream:
        if not wait_until(
            lambda: flock.taken(stream.fileno()),
            accept=bool,
            deadline=clock.time() + PATIENCE_SECONDS,
            clock=clock,
            every=ASKING_SECONDS,
        ):
            raise Busy(f"{path} is being changed by another command")
        yield
