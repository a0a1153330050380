"""Reserve a port: while a build lies between choosing it and listening on it, and while the
environment that has it is down."""

import os
from pathlib import Path

from components.contract import flock

RUNS = "run"
"""Folder that an environment has from its first deployment until it is destroyed."""


class Reservations:
    """Ports that an environment may use and no other one will choose.

    A reservation is a locked file, so it is gone with its process, however that ends. The file
    names the folder of the environment: that one keeps the port for as long as it is deployed.
    """

    def __init__(self, folder: Path, owner: Path) -> None:
        """Keep the files in `folder`; `owner` is the folder of the environment."""
        self._folder, self._owner = folder, owner
        self._held: dict[int, int] = {}

    def take(self, port: int) -> bool:
        """Reserve a port. Return False where another process or environment has it."""
        if port in self._held:
            return True
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
        if not flock.taken(descriptor) or self._is_kept(descriptor):
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, os.fsencode(self._owner), 0)
        self._held[port] = descriptor
        return True

    def _is_kept(self, descriptor: int) -> bool:
        named = os.fsdecode(os.pread(descriptor, 4096, 0))
        return bool(named) and Path(named) != self._owner and (Path(named) / RUNS).is_dir()
