"""The database on this machine: dumps that were restored and compared, and copies of them."""

import hashlib
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from automation.databases import content, manifest, server, tools
from automation.databases.base import Backup, Opening, Roles
from automation.errors import Blocked, DeploymentFailed
from automation.migrations.revision import current

SPARE_BYTES = 64 * 1024**2
SUFFIX = ".dump"
REPLACED = "_replaced_"


def free_bytes(folder: Path) -> int:
    """Return how much room is left where a folder is."""
    return shutil.disk_usage(folder).free


class LocalDatabase:
    """Backups are files in PostgreSQL's custom format, each with what is known of it beside it.

    One deployment at a time: the copy and what is about to replace the database have fixed names.
    """

    name = "local"

    def __init__(self, opening: Opening, *, free: Callable[[Path], int] = free_bytes) -> None:
        """Know the database; nothing is connected to yet."""
        self.roles = Roles.of(opening.database)
        self._admin, self._live = self.roles.admin, self.roles.admin.name
        self._folder, self._progress, self._free = opening.folder, opening.progress, free
        self._copied: str | None = None

    def back_up(self, name: str) -> Backup:
        """Dump the database, restore the dump elsewhere, and compare both."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._require_room()
        path, began = self._folder / f"{name}{SUFFIX}", time.monotonic()
        path.unlink(missing_ok=True)
        path.touch(0o600)
        self._progress("backing up")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with content.moment(self._admin) as now:
            # The same snapshot for both: a busy database does not stand still meanwhile.
            command = ["pg_dump", "--format=custom", f"--snapshot={now.snapshot}"]
            tools.run([*command, f"--file={path}"], self._admin, "the backup failed")
            held = now.content()
        dumped = time.monotonic()
        self._progress("restoring the backup elsewhere, to see that it is one")
        self._restore(path, self._named("copy"), Blocked)
        copy = self._admin.named(self._named("copy"))
        found = content.differences(held, content.observe(copy))
        if found:
            raise Blocked(
                "the backup is not what was backed up",
                details=tuple(found),
                hint="Nothing was changed. Is there room, and does the server's log say why?",
            )
        self._copied = path.name
        backup = Backup(
            id=path.name,
            platform=self.name,
            at=at,
            revision=current(copy),
            content=held,
            details={"path": str(path), "sha256": _digest(path)},
            seconds={"backup": dumped - began, "verification": time.monotonic() - dumped},
        )
        manifest.write(self._folder, backup)
        return backup

    def find(self, id_: str) -> Backup | None:
        """Return a backup by its id or the deployment that made it; None where it is gone."""
        found = manifest.read(self._folder, f"{id_.removesuffix(SUFFIX)}{SUFFIX}")
        return found if found is not None and (self._folder / found.id).exists() else None

    @contextmanager
    def copy(self, backup: Backup) -> Iterator[Roles]:
        """Give the restored backup: the one that was compared, where it was made just now."""
        name = self._named("copy")
        try:
            if self._copied != backup.id:
                self._restore(self._whole(backup, Blocked), name, Blocked)
            self._copied = None
            server.analyze(self._admin, name)
            yield self.roles.named(name)
        finally:
            server.drop(self._admin, name)

    def restore(self, backup: Backup, aside: str) -> str:
        """Restore the backup beside the database, then swap both in one transaction."""
        fresh, kept = self._named("restored"), f"{self._live}{REPLACED}{aside}"
        path = self._whole(backup, DeploymentFailed)
        self._progress(f"restoring {backup.id}")
        try:
            self._restore(path, fresh, DeploymentFailed)
            found = content.observe(self._admin.named(fresh))
            wrong = content.differences(backup.content, found)
            if wrong:
                raise DeploymentFailed(f"{backup.id} restores to something else: {wrong[0]}")
            server.analyze(self._admin, fresh)
            server.drop(self._admin, kept)
            self._forget_copy()
            server.swap(self._admin, self._live, fresh, kept)
        finally:
            server.drop(self._admin, fresh)
        return f"the database {kept} of the same server, which takes no connections"

    def mend(self) -> None:
        """Let everybody in again, and remove what nobody will ask for."""
        server.allow(self._admin, self._live)
        for use in ("copy", "restored"):
            server.drop(self._admin, self._named(use))
        for path in self._folder.glob(f"*{SUFFIX}"):
            if manifest.read(self._folder, path.name) is None:
                path.unlink(missing_ok=True)

    def prune(self, keep: int, in_use: Collection[str]) -> list[str]:
        """Remove old backups, then what restores put aside in deployments without a backup."""
        self._forget_copy()
        known = [backup.id for backup in manifest.every(self._folder)]
        gone = [id_ for id_ in known[: max(len(known) - keep, 0)] if id_ not in in_use]
        for id_ in gone:
            manifest.remove(self._folder, id_)
        prefix = f"{self._live}{REPLACED}"
        for name in server.named_like(self._admin, prefix):
            made_by = name.removeprefix(prefix).split("_")[0]
            if self.find(made_by) is None:
                server.drop(self._admin, name)
        return gone

    def _forget_copy(self) -> None:
        self._copied = None
        server.drop(self._admin, self._named("copy"))

    def _named(self, use: str) -> str:
        return f"{self._live}_{use}"

    def _restore(self, path: Path, name: str, error: tools.ErrorClass) -> None:
        server.make(self._admin, name, like=self._live)
        command = ["pg_restore", "--exit-on-error", f"--dbname={name}", str(path)]
        target = self._admin.named(name)
        tools.run(command, target, "the backup does not restore", error=error)

    def _whole(self, backup: Backup, error: tools.ErrorClass) -> Path:
        path = self._folder / backup.id
        if not path.exists() or _digest(path) != backup.details["sha256"]:
            raise error(f"the backup {path} is not the one that was written")
        return path

    def _require_room(self) -> None:
        needed = server.size(self._admin, self._live) + SPARE_BYTES
        data = Path(server.data_directory(self._admin))
        for what, folder in (("the backup", self._folder), ("its copy", data)):
            # Where both are on one disk, it must hold both.
            both = 2 if _device(folder) == _device(data if folder != data else self._folder) else 1
            if self._free(folder) < both * needed:
                raise Blocked(
                    f"not enough room for {what}: {folder} has {self._free(folder) >> 20} MiB, "
                    f"{both * needed >> 20} MiB may be needed",
                    hint="Make room, or lower slipway:backupsRetained and deploy again.",
                )


def _device(folder: Path) -> int:
    return folder.stat().st_dev if folder.exists() else -1


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
