"""What every platform of the database gives the driver."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from automation.databases.content import Content
from automation.migrations.connection import Target
from automation.polling import Clock, SystemClock


@dataclass(frozen=True)
class Roles:
    """One database as its three roles see it, each on a direct (not pooled) connection.

    `application` is what a release connects as, `owner` what migrations run as, `admin` what
    reads everything.
    """

    owner: Target
    application: Target
    admin: Target

    @classmethod
    def of(cls, database: Mapping[str, str]) -> "Roles":
        """Return the roles of the stack's output DATABASE."""
        return cls(Target.owner(database), Target.application(database), Target.admin(database))

    def named(self, name: str) -> "Roles":
        """Return the same roles on another database of the same server."""
        owner, application, admin = self.owner, self.application, self.admin
        return Roles(owner.named(name), application.named(name), admin.named(name))


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup that was verified. `id` is what report and history say.

    `at` is the moment of its content, ISO 8601 in UTC; `revision` the Alembic revision then;
    `details` are the platform's own, without secrets; `seconds` how long each part took.
    """

    id: str
    platform: str
    at: str
    revision: str | None
    content: Content
    details: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Opening:
    """What a platform is made from: `database` is the stack's secret output DATABASE, `folder`
    the environment's folder for backups; `progress` is told what goes on."""

    database: Mapping[str, str] = field(repr=False)
    folder: Path
    progress: Callable[[str], None] = lambda _text: None
    clock: Clock = field(default_factory=SystemClock)


class DatabasePlatform(Protocol):
    """Backups and copies of one environment's database. Made as `Class(opening)`.

    Every method may be run again after its process was killed anywhere in it.
    """

    name: str
    roles: Roles

    def back_up(self, name: str) -> Backup:
        """Make a backup called `name` (a deployment's id), and see that it is one.

        Its content is that of one moment, however busy the database is. It was restored, or
        connected to, and compared before this returns. Raise Blocked where there is not enough
        room, where it fails, or where it differs: nothing was changed then.
        """

    def find(self, id_: str) -> Backup | None:
        """Return a backup by its id or name, from any machine that can reach it; None if gone."""

    def copy(self, backup: Backup) -> AbstractContextManager[Roles]:
        """Give a writable copy of the backup's data, and remove it afterwards.

        Raise Blocked where it could not be made.
        """

    def restore(self, backup: Backup, aside: str) -> str:
        """Put a backup in place of what the database holds now, as one change.

        What is replaced is kept under the name `aside`, as far as the platform can; return in
        words where it is. Raise DeploymentFailed where it failed: the database is as it was.
        """

    def mend(self) -> None:
        """Undo or finish what a killed driver left half done: copies, a restore under way."""

    def prune(self, keep: int, in_use: Collection[str]) -> list[str]:
        """Remove the oldest backups beyond `keep`, but never one whose id is in `in_use`.

        What restores have put aside goes with the backup that replaced it. Return the ids.
        """
