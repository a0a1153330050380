"""How the driver gives the program a desired state: in a file, perhaps once the program runs.

While the driver has the file locked for itself the state is still to come; then it shares the lock
with the program, which says that the file is in use. A lock ends with its process, so nobody waits
for a driver that is gone: it leaves the file empty.
"""

import fcntl
from typing import IO

from components.contract import flock
from components.contract.desired import DesiredState


class NothingCame(ValueError):
    """The driver ended, or thought better of it, before there was a state."""


def promise(file: IO[bytes]) -> None:
    """Say of a file that was just made that a state will come."""
    flock.wait(file.fileno())


def give(file: IO[bytes], desired: DesiredState) -> None:
    """Give the state that was promised; from now on the lock says that the file is in use."""
    file.write(desired.model_dump_json().encode())
    file.flush()
    flock.wait(file.fileno(), fcntl.LOCK_SH)


def come(file: IO[bytes]) -> bool:
    """Tell whether what is in the file is all that will come."""
    return flock.taken(file.fileno(), fcntl.LOCK_SH)


def wait(file: IO[bytes]) -> None:
    """Wait until what is in the file is all that will come."""
    flock.wait(file.fileno(), fcntl.LOCK_SH)


def read(file: IO[bytes]) -> DesiredState:
    """Return the state. Raise NothingCame."""
    text = file.read()
    if not text:
        raise NothingCame("the driver ended before it had said what is to be declared")
    return DesiredState.model_validate_json(text)
