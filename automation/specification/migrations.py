"""Reads Alembic's revisions from their source. Never imports them, nor Alembic."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from automation.errors import InvalidInput
from automation.specification.alembic_config import script_location, version_folders
from automation.specification.models import Migrations
from automation.specification.revision import Revision, read

__all__ = ["Graph", "Revision", "revisions", "script_location"]


@dataclass(frozen=True)
class Graph:
    """All revisions of an application, by id."""

    revisions: Mapping[str, Revision]

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the revisions that nothing follows; a healthy graph has one."""
        followed = {parent for one in self.revisions.values() for parent in one.parents}
        return tuple(sorted(set(self.revisions) - followed))

    @property
    def head(self) -> str | None:
        """Return the one head, or None without revisions. Raise InvalidInput for several."""
        heads = self.heads
        if len(heads) > 1:
            files = ", ".join(f"{one} ({self.revisions[one].file})" for one in heads)
            raise InvalidInput(
                f"database.migrations: Alembic has {len(heads)} heads: {files}",
                hint=f'Join them with `alembic merge -m "merge heads" {" ".join(heads)}`.',
            )
        if self.revisions and not heads:
            raise InvalidInput(
                "database.migrations: Alembic's revisions follow each other in a circle: "
                + ", ".join(sorted(self.revisions)),
                hint="Mend `down_revision` of one of them.",
            )
        return heads[0] if heads else None

    @property
    def irreversible(self) -> tuple[Revision, ...]:
        """Return the revisions whose downgrade is missing or does nothing."""
        return tuple(one for one in self.path(None) if not one.reversible)

    def path(self, current: str | None) -> tuple[Revision, ...]:
        """Return what leads from a database at `current` (None: empty) to the head, oldest first.

        Raise InvalidInput for a revision that the application does not know, and for two heads.
        """
        if current is not None and current not in self.revisions:
            raise InvalidInput(
                f"database.migrations: the database is at revision {current}, "
                "which this application does not have",
                hint="Deploy a version of the application that has it, or downgrade the database "
                "with the version that made it.",
            )
        head = self.head
        if head is None:
            return ()
        done = set(self._ancestors(current)) if current is not None else set()
        return tuple(self.revisions[one] for one in self._ancestors(head) if one not in done)

    def _ancestors(self, last: str) -> Iterator[str]:
        """Yield a revision and all that it builds on, each after what it builds on."""
        seen: set[str] = set()
        stack = [(last, False)]
        while stack:
            one, ready = stack.pop()
            if ready:
                yield one
            elif one not in seen:
                seen.add(one)
                stack.append((one, True))
                before = (*self.revisions[one].parents, *self.revisions[one].depends_on)
                stack.extend((parent, False) for parent in reversed(before) if parent not in seen)


def revisions(app: Path, migrations: Migrations) -> Graph:
    """Read every revision. Raise InvalidInput naming file and key for one that makes no sense.

    Two heads are no error here, but one of `Graph.head` and `Graph.path`.
    """
    found: dict[str, Revision] = {}
    folders, recursive = version_folders(app, migrations)
    for folder in folders:
        for path in sorted(folder.rglob("*.py") if recursive else folder.glob("*.py")):
            one = read(path, _shown(app, path))
            if one is None:
                continue
            if one.id in found:
                raise InvalidInput(
                    f"{one.file}: revision: {one.id} is also the id of {found[one.id].file}",
                    hint="Give one of the two revisions another id.",
                )
            found[one.id] = one
    return Graph({one: _resolved(revision, found) for one, revision in found.items()})


def _resolved(revision: Revision, known: Mapping[str, Revision]) -> Revision:
    """Replace shortened ids and branch labels by whole ids, as Alembic allows both."""
    return replace(
        revision,
        parents=tuple(_whole(one, "down_revision", revision, known) for one in revision.parents),
        depends_on=tuple(_whole(one, "depends_on", revision, known) for one in revision.depends_on),
    )


def _whole(name: str, key: str, revision: Revision, known: Mapping[str, Revision]) -> str:
    if name in known and name != revision.id:
        return name
    near = [one for one, other in known.items() if one.startswith(name) or name in other.labels]
    if len(near) == 1 and near[0] != revision.id:
        return near[0]
    raise InvalidInput(
        f"{revision.file}: {key}: there is no revision {name}",
        hint="Restore the missing revision file, or name the revision that this one follows.",
    )


def _shown(app: Path, path: Path) -> str:
    root = app.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
