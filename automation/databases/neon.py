"""The database at Neon: backups and copies are branches, which share what did not change."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from automation.databases import content, neon_branch, schema
from automation.databases.base import Backup, Opening, Roles
from automation.databases.content import Content
from automation.databases.neon_branch import BACKUP, COPY, REPLACED, UNVERIFIED, Branches
from automation.errors import Blocked, DeploymentFailed
from automation.migrations.revision import current
from clients.neon.errors import NeonError, Refused
from clients.neon.transport import Api

REFUSED = frozenset({400, 409, 412, 422})
"""What a deletion that Neon does not allow is answered with: a root, or a parent of others."""


class NeonDatabase:
    """A backup is a branch of the database's own, taken at one moment, that nothing writes to.

    It has no compute but while it is looked at. Names of branches tell what each is for, so that
    any machine, and the next command after a killed one, knows what to do with it.
    """

    name = "neon"

    def __init__(self, opening: Opening, api: Api | None = None) -> None:
        """Know the database; neither it nor the API is asked for anything yet."""
        self.roles = Roles.of(opening.database)
        self._progress = opening.progress
        with neon_branch.told(Blocked, "Neon cannot be asked"):
            clock = opening.clock
            api = api or Api.from_environment(now=clock.time, sleep=clock.sleep)
        self._branches = Branches(api, opening.database, self.roles)

    def back_up(self, name: str) -> Backup:
        """Branch the database, connect to the branch, and compare both."""
        id_, began = f"{BACKUP}{name}", time.monotonic()
        self._progress("backing up: a branch of this moment")
        with neon_branch.told(Blocked, "the backup failed"):
            for left in (f"{UNVERIFIED}{name}", id_):
                self._branches.remove(left)
            before = content.observe(self.roles.admin)
            self._branches.make(f"{UNVERIFIED}{name}")
            after = content.observe(self.roles.admin)
            branched = time.monotonic()
            self._progress("connecting to the branch, to see that it is a backup")
            found = self._seen(f"{UNVERIFIED}{name}", id_)
            wrong = not_copied(before, after, found.content)
            if wrong:
                raise Blocked(
                    "the backup is not what was backed up",
                    details=tuple(wrong),
                    hint="Nothing was changed. Look at the branch in Neon's console.",
                )
            self._branches.rename(f"{UNVERIFIED}{name}", id_)
        seconds = {"backup": branched - began, "verification": time.monotonic() - branched}
        return Backup(**{**vars(found), "seconds": seconds})

    def find(self, id_: str) -> Backup | None:
        """Return a backup by its id or the deployment that made it, as its branch has it."""
        name = f"{BACKUP}{id_.removeprefix(BACKUP)}"
        with neon_branch.told(Blocked, f"the backup {name} cannot be looked at"):
            if self._branches.find(name) is None:
                return None
            return self._seen(name, name)

    @contextmanager
    def copy(self, backup: Backup) -> Iterator[Roles]:
        """Give a branch of the backup's branch, with a compute of its own."""
        name = f"{COPY}{backup.id.removeprefix(BACKUP)}"
        try:
            with neon_branch.told(Blocked, f"{backup.id} cannot be copied"):
                self._branches.remove(name)
                roles = self._branches.copy(backup.id, name)
            yield roles
        finally:
            # What stays is removed by the next command; it is no reason to fail this one.
            with suppress(NeonError):
                self._branches.remove(name)

    def restore(self, backup: Backup, aside: str) -> str:
        """Give the database's branch the backup's data, and look at what it holds then."""
        kept = f"{REPLACED}{aside}"
        self._progress(f"restoring {backup.id}")
        with neon_branch.told(DeploymentFailed, f"{backup.id} could not be restored"):
            self._branches.restore(backup.id, kept)
            admin = self.roles.admin
            at, holds = current(admin), schema.dump(admin)
        if at != backup.revision or holds != backup.content.schema:
            raise DeploymentFailed(
                f"{backup.id} was restored, but the database is at {at}, not {backup.revision}",
                hint=f"What it held before is in the branch {kept}; see Neon's console.",
            )
        return f"the branch {kept} of the same project"

    def mend(self) -> None:
        """Remove copies and backups that were never verified, and the compute of all others."""
        with neon_branch.told(Blocked, "what an earlier command left at Neon cannot be removed"):
            self._branches.settle()
            for branch in self._branches.called(COPY, UNVERIFIED):
                self._remove(branch["name"])
            for branch in self._branches.called(BACKUP, REPLACED):
                self._branches.sleep(branch["id"])

    def prune(self, keep: int, in_use: Collection[str]) -> list[str]:
        """Remove old backups, then what restores put aside in deployments without a backup."""
        with neon_branch.told(Blocked, "old backups cannot be removed"):
            known = [branch["name"] for branch in self._branches.called(BACKUP)]
            gone = [
                id_
                for id_ in known[: max(len(known) - keep, 0)]
                if id_ not in in_use and self._remove(id_)
            ]
            left = {id_.removeprefix(BACKUP) for id_ in known if id_ not in gone}
            for branch in self._branches.called(REPLACED):
                if branch["name"].removeprefix(REPLACED) not in left:
                    self._remove(branch["name"])
        return gone

    def _seen(self, name: str, id_: str) -> Backup:
        branch = self._branches.get(name)
        with self._branches.awake(branch["id"]) as roles:
            return Backup(
                id=id_,
                platform=self.name,
                at=str(branch.get("parent_timestamp") or branch["created_at"]),
                revision=current(roles.admin),
                content=content.observe(roles.admin),
                details={"branch": branch["id"], "lsn": str(branch.get("parent_lsn") or "")},
            )

    def _remove(self, name: str) -> bool:
        try:
            self._branches.remove(name)
        except Refused as refused:
            if refused.status not in REFUSED:
                raise
            # A restored database is a child of what it was restored from.
            self._progress(f"Neon still needs the branch {name}: {refused.message}")
            return False
        return True


def not_copied(before: Content, after: Content, found: Content) -> list[str]:
    """List what a branch lacks of a database that was looked at before and after it was made.

    Only what was the same both times can be told: the rest was being written to.
    """
    still = {
        name: table for name, table in before.tables.items() if after.tables.get(name) == table
    }
    expected = before.schema if before.schema == after.schema else found.schema
    common = {name: table for name, table in found.tables.items() if name in still}
    return content.differences(Content(expected, still), Content(found.schema, common))
