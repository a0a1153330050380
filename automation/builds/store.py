"""Where artifacts lie: one folder per digest, valid once its `metadata.json` is written."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from automation.builds.sources import DISK_FULL_ERRNOS
from automation.errors import BuildFailed
from automation.toolchain.cache import Progress, locked, locked_if_free
from components.contract import flock

METADATA = "metadata.json"
NEEDED_BYTES = 1_000_000_000
SHORT = 12


@dataclass(frozen=True)
class Metadata:
    """What a build was: `built_at` is ISO 8601 in UTC, `seconds` its duration.

    `version` and `commit` are those of the release that it was first built for. `layout` is
    what the builder found out and needs to start it; `notes` are for people.
    """

    service: str
    version: str
    commit: str | None
    built_at: str
    digest: str
    checksum: str
    seconds: int
    path: str
    tools: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Store:
    """The artifacts of one installation. Built in place: virtual environments do not move."""

    def __init__(
        self,
        root: Path,
        needed_bytes: int = NEEDED_BYTES,
        holds: contextlib.ExitStack | None = None,
    ) -> None:
        """Keep artifacts in `root`; refuse to build with less than `needed_bytes` left.

        What is found or completed is not pruned by anybody until `holds` ends, or the process.
        """
        self.root = root
        self._needed_bytes = needed_bytes
        self._holds = holds

    @property
    def memory(self) -> Path:
        """File that remembers the checksums of sources."""
        return self.root / ".checksums.json"

    def folder(self, service: str, digest: str) -> Path:
        """Return the folder of an artifact, there or not."""
        return self.root / f"{service}-{digest[:SHORT]}"

    def log(self, service: str, digest: str) -> Path:
        """Return the log of a build; it stays when the artifact does not."""
        return self.root / "logs" / f"{service}-{digest[:SHORT]}.log"

    def find(self, service: str, digest: str) -> Metadata | None:
        """Return the metadata of a whole artifact that was built here, or None."""
        folder = self.folder(service, digest)
        found = self._read(folder) if self._hold(folder) else None
        return found if found is not None and found.digest == digest else None

    @contextlib.contextmanager
    def building(self, service: str, digest: str, progress: Progress) -> Iterator[Path]:
        """Give an empty folder to build in; wiped again unless `complete` was reached.

        One build of an artifact at a time. Raise BuildFailed when the disk is full.
        """
        folder = self.folder(service, digest)
        with _disk_full_is_a_failed_build(self.root):
            self.log(service, digest).parent.mkdir(parents=True, exist_ok=True)
            with locked(self._lock(folder), progress, f"it builds the {service}"):
                if self.find(service, digest) is None:
                    shutil.rmtree(folder, ignore_errors=True)
                    self._check_space()
                    folder.mkdir()
                try:
                    yield folder
                finally:
                    if self._read(folder) is None:
                        shutil.rmtree(folder, ignore_errors=True)

    def complete(self, metadata: Metadata) -> None:
        """Make an artifact valid: the last thing written. Only for who builds it."""
        folder = self.folder(metadata.service, metadata.digest)
        new = folder / f".{METADATA}"
        with new.open("w") as file:
            json.dump(asdict(metadata), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / METADATA)
        self._hold(folder)

    def prune(self, keep: Callable[[], Collection[str]]) -> list[str]:
        """Remove every artifact whose path is not in `keep`; return the names of those gone.

        `keep` returns the paths that the releases of all environments name: it is asked for each
        artifact, since another environment may come to name one meanwhile. What is being built
        or is held stays.
        """
        gone = []
        for folder in sorted(self.root.glob("*-" + "[0-9a-f]" * SHORT)):
            lock = self._lock(folder)
            lock.touch()
            with locked_if_free(lock) as unbuilt, locked_if_free(folder / METADATA) as unheld:
                if unbuilt and unheld and folder.name not in {Path(path).name for path in keep()}:
                    self._remove(folder)
                    gone.append(folder.name)
        return gone

    def _lock(self, folder: Path) -> Path:
        lock = self.root / ".locks" / folder.name
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock

    def _remove(self, folder: Path) -> None:
        # Without its metadata first: a half removed artifact must not look whole.
        (folder / METADATA).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        (self.root / "logs" / f"{folder.name}.log").unlink(missing_ok=True)

    def _hold(self, folder: Path) -> bool:
        """Keep an artifact from being pruned; False where it is not there, or is going now."""
        if self._holds is None:
            return True
        try:
            metadata = (folder / METADATA).open("rb")
        except OSError:
            return False
        self._holds.enter_context(metadata)
        flock.wait(metadata.fileno(), fcntl.LOCK_SH)
        # What was removed while this process waited has no name any more.
        return os.fstat(metadata.fileno()).st_nlink > 0

    def _read(self, folder: Path) -> Metadata | None:
        try:
            data = json.loads((folder / METADATA).read_text())
            found = Metadata(**{**data, "notes": tuple(data["notes"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        # A virtual environment that was moved starts the wrong interpreter, or none.
        return found if found.path == str(folder) else None

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.root).free
        if free < self._needed_bytes:
            raise BuildFailed(
                f"the disk is full: {self.root} has {free / 1e9:.2f} GB left, "
                f"a build needs {self._needed_bytes / 1e9:.2f} GB",
                hint="Free some space and run the command again; nothing was changed.",
            )


@contextlib.contextmanager
def _disk_full_is_a_failed_build(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno not in DISK_FULL_ERRNOS:
            raise
        raise BuildFailed(
            f"the disk is full: no space left for {root}",
            hint="Free some space and run the command again; nothing was changed.",
        ) from problem
