"""A scene whose every deployment migrates: a column more before its release, one less after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from automation.migrations import journal
from tests.integration.driver import Ran, eventually
from tests.integration.faults.aftermath import recorded_state
from tests.integration.faults.matrix import Fault, Kind, Recorded
from tests.integration.faults.scene import ROWS, Scene
from tests.integration.ledger import Ledger, ledger

KINDS_OF_SCHEMA: tuple[Kind, ...] = ("driver killed", "engine killed", "SIGINT", "SIGINT twice")
"""SIGTERM is taken as SIGINT is; the plain scene has both."""
OWN = frozenset({"id", "amount", "memo"})
HELD = """\
SELECT count(*), sum(amount), md5(string_agg(memo, ',' ORDER BY id)) FROM entries WHERE id <= %s"""
COLUMNS = "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'entries'"
LATER = 'slipway = {"phase": "contract"}'


@dataclass(frozen=True)
class Written:
    """A revision: what it follows, its statements, and the table's columns after it."""

    after: str
    up: str
    down: str
    columns: frozenset[str]
    head: str = ""


@dataclass
class Migrating(Scene):
    """A ledger with a chain of revisions. `heads` is the last one of each change."""

    tiny: Ledger
    revisions: dict[str, Written] = field(default_factory=dict)
    heads: dict[int, str] = field(default_factory=lambda: {0: "0001"})

    def change(self) -> None:
        """Give the next `up` a column to add, and one to drop when the old release is gone."""
        at = self.at()
        self.count += 1
        more, less, column = f"{self.count:04}a", f"{self.count:04}b", f"c{self.count:04}"
        has = self.columns(at) | {column}
        up, down = f"ADD COLUMN {column} int", f"DROP COLUMN {column}"
        self.revisions[more] = Written(at, up, down, has)
        old = min(self.columns(at) - OWN, default=None)
        if old is not None:
            up, down = f"DROP COLUMN {old}", f"ADD COLUMN {old} int"
            self.revisions[less] = Written(more, up, down, has - {old}, LATER)
        self.heads[self.count] = less if old is not None else more
        self._source(self.count)

    def take_back(self, release: str) -> None:
        """Give the next `up` what a release was made of, its revisions among it."""
        if (number := self.sources.get(release)) is not None:
            self._source(number)

    def recorded(self) -> Recorded:
        """Follow a deployment with both kinds of revisions, and one that goes back."""
        found = super().recorded()
        self.tiny("up", "development").ok()
        return found

    def held(self) -> tuple[Any, ...]:
        """Return what became of the rows that were there from the start."""
        return self._ask(HELD, ROWS)[0]

    def at(self) -> str:
        """Return the revision that the database is at."""
        return str(self._ask("SELECT version_num FROM alembic_version")[0][0])

    def columns(self, revision: str) -> frozenset[str]:
        """Return the columns that the table has at a revision."""
        return self.revisions[revision].columns if revision in self.revisions else OWN

    def _source(self, number: int) -> None:
        for name in self.revisions:
            self.tiny.unrevise(name)
        name = self.heads[number]
        while name in self.revisions:
            it = self.revisions[name]
            up, down = (f'op.execute("ALTER TABLE entries {each}")' for each in (it.up, it.down))
            self.tiny.revise(name, it.after, up, down, it.head)
            name = it.after
        self.tiny.code(condition=f"well-{number}")

    def _ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def _struck(self, fault: Fault) -> None:
        """See that a release serves, whatever the fault was, before anything is mended."""
        eventually(lambda: self.tiny.status()["healthy"], what=f"a release serves after {fault}")

    def _home(self, fault: Fault, ran: Ran) -> None:
        """See the schema at what the state says, and as its revision made it."""
        super()._home(fault, ran)
        found, at = self.tiny.status(), self.at()
        assert found["alembic_head"] == at, f"after {fault}: {found}"
        names = {name for (name,) in self._ask(COLUMNS)}
        assert names == self.columns(at), f"at {at} after {fault}"
        note = journal.read(self.tiny.home / "development")
        assert note is None or note.phase == "changed", f"after {fault}: {note}"
        if ran.arguments[0] == "up":
            assert found["contracting"] == [], f"after {fault}: {found}\n{ran}"


@contextmanager
def migrating() -> Iterator[Migrating]:
    """Give a ledger that has migrated once, so that its next deployment contracts as well."""
    with ledger(ROWS) as made:
        with made.connection() as connection:
            database = f"{connection.info.dsn} password={connection.info.password}"
        place = Migrating(made, rows=(), database=database)
        place.rows = place.held()
        place.sources[recorded_state(made).history[-1].release] = 0
        place.change()
        made("up", "development").ok()
        place.sources[recorded_state(made).history[-1].release] = place.count
        yield place
