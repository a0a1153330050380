"""Reserve a port between choosing it and listening on it: a build may lie in between."""

import fcntl
import os
from pathlib import Path


class Reservations:
    """Ports that this process may use and no other deployment will choose, until it ends.

    A reservation is a locked file, so it is gone with its owner, however that ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[int, int] = {}

    def take(self, port: int) -> bool:
        """Reserve a port. Return False where another process has it."""
        if port in self._held:
            return True
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._held[port] = descriptor
        return True
