"""The digest of everything that goes into a build; quick where nothing changed."""

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

BUILDER = 1
"""Raised whenever the same sources come to be built in another way."""
SETTLED_SECONDS = 2.0
MOST_REMEMBERED = 50_000

Mark = tuple[int, int, int, int]


class Checksums:
    """Checksums of files, remembered for as long as a file's times, size and inode stay."""

    def __init__(self, memory: Path) -> None:
        """Remember in the file `memory`, which may be deleted at any time."""
        self._memory = memory
        self._known = self._load()
        self._seen: dict[str, tuple[Mark, str]] = {}

    def of(self, path: Path) -> str:
        """Return the SHA-256 of a file, or of a link's target, in hexadecimal."""
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
        mark = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
        known = self._known.get(str(path))
        if known is not None and known[0] == mark:
            checksum = known[1]
        else:
            with path.open("rb") as file:
                checksum = hashlib.file_digest(file, "sha256").hexdigest()
        # A file changed a moment ago can change again within one tick of its clock.
        if status.st_mtime < time.time() - SETTLED_SECONDS:
            self._seen[str(path)] = (mark, checksum)
        return checksum

    def save(self) -> None:
        """Remember what was seen; failing to is no failure of a build."""
        merged = {**self._known, **self._seen}
        if len(merged) > MOST_REMEMBERED:
            merged = self._seen
        if merged == self._known:
            return
        new = self._memory.with_name(f"{self._memory.name}.{os.getpid()}")
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps(merged))
            new.replace(self._memory)
        except OSError:
            new.unlink(missing_ok=True)

    def _load(self) -> dict[str, tuple[Mark, str]]:
        try:
            data = json.loads(self._memory.read_text())
            return {path: (tuple(mark), checksum) for path, (mark, checksum) in data.items()}
        except (OSError, ValueError, TypeError):
            return {}


def digest(
    root: Path,
    files: Iterable[PurePosixPath],
    configuration: Mapping[str, object],
    checksums: Checksums,
) -> str:
    """Return the SHA-256, in hexadecimal, of files, their modes and what configures the build."""
    total = hashlib.sha256()
    header = {"builder": BUILDER, **configuration}
    total.update(json.dumps(header, sort_keys=True, default=str).encode())
    for file in files:
        path = root / file
        kind = "x" if os.access(path, os.X_OK) else "-"
        total.update(f"\0{file}\0{kind}\0{checksums.of(path)}".encode(errors="surrogateescape"))
    checksums.save()
    return total.hexdigest()


def checksum(folder: Path, leave_out: frozenset[str] = frozenset()) -> str:
    """Return the SHA-256 of a folder's files, but for folders of these names."""
    total = hashlib.sha256()
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in leave_out)
        for name in sorted(names):
            path = Path(place) / name
            total.update(f"\0{path.relative_to(folder)}\0".encode(errors="surrogateescape"))
            if path.is_symlink():
                total.update(os.fsencode(path.readlink()))
            elif path.is_file():
                with path.open("rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
