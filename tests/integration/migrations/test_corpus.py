"""The corpus on a real server: rehearsed on a copy, then for real, and compared with the promise.

What fails leaves the database as it was, whether the rehearsal stops it or nothing does.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from automation.databases import content
from automation.databases.base import Opening, Roles
from automation.databases.content import Content
from automation.databases.local import LocalDatabase
from automation.errors import Blocked, DeploymentFailed
from automation.migrations.catalogue import Catalogue
from automation.migrations.graph import revisions_at
from automation.migrations.lint.linter import lint
from automation.migrations.lint.squawk import merged
from automation.migrations.lint.unseen import unseen
from automation.migrations.move import Leg, Move, forward
from automation.migrations.patience import Patience
from automation.migrations.rehearsal import Rehearsal, rehearse
from automation.migrations.returning import Before, bring_back
from automation.migrations.verification import Expected, problems
from automation.specification.revision import Revision
from tests.automation.migrations.corpus.looking import Looked, look
from tests.doubles.alembic import AlembicHere
from tests.doubles.clock import FakeClock
from tests.fixtures.migrations.corpus.all import CASES
from tests.fixtures.migrations.corpus.case import Case

pytestmark = pytest.mark.integration
ONLY_WHERE_IT_IS_LARGE = {"lock-held", "lock-wait"}
RUNNING = [case for case in CASES if "stops" not in case.policy.values()]


@dataclass
class Clock(FakeClock):
    """Ends the slow transaction when the migration lets go for a while."""

    end: Callable[[], None] = lambda: None
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.end()


@contextmanager
def slow_transaction(case: Case, admin):
    """Somebody reads the table, and does not come to an end."""
    if not case.slow_transaction:
        yield lambda: None
        return
    with admin.connect(autocommit=False) as connection:
        connection.execute("SELECT count(*) FROM orders")
        yield connection.commit


def move(revisions: tuple[Revision, ...], before: str) -> Move:
    legs = tuple(Leg(one.id, one.marker.lock_timeout_seconds) for one in revisions)
    return Move(legs, before)


@dataclass
class Run:
    """A migration of the corpus on its own database."""

    case: Case
    looked: Looked
    alembic: AlembicHere
    platform: LocalDatabase

    @property
    def roles(self) -> Roles:
        return self.platform.roles

    def for_real(self, way: Move) -> None:
        with slow_transaction(self.case, self.roles.admin) as end:
            forward(self.alembic, self.roles, way, Patience(5, 3, Clock(end=end)))

    def promised(self) -> dict[str, object]:
        with self.roles.admin.connect() as connection:
            found = {}
            for query in self.case.promised:
                row = connection.execute(query).fetchone()
                found[query] = row[0] if row else None
            return found


@pytest.fixture
def run(database, project: Path, tmp_path: Path) -> Callable[[Case], Run]:
    def start(case: Case) -> Run:
        looked = look(case, project)
        platform = LocalDatabase(Opening(database, tmp_path / "backups"))
        return Run(case, looked, AlembicHere(project / "alembic.ini"), platform)

    return start


@pytest.mark.parametrize("case", RUNNING, ids=str)
def test_after_the_run_the_database_is_what_was_promised(
    case: Case, run, another: Roles, held: Content
):
    it = run(case)
    [part] = [part for part in (it.looked.way.now, it.looked.way.later) if part]
    way = move(part, it.looked.way.at[0])
    if case.outcome == "fails":
        with pytest.raises(DeploymentFailed):
            rehearse(it.alembic, another, way, Patience(5, 0), held)
        fails_and_changes_nothing(it, way, held)
    else:
        migrates(it, way, rehearse(it.alembic, another, way, Patience(5, 0), held), held)

    assert revisions_at(it.roles.owner) == case.at
    assert it.promised() == dict(case.promised)


@pytest.mark.parametrize("case", [case for case in RUNNING if case.outcome != "fails"], ids=str)
def test_what_is_executed_is_looked_at_beside_what_was_written_down(
    case: Case, run, another: Roles, held: Content, catalogue: Catalogue
):
    it = run(case)
    [part] = [part for part in (it.looked.way.now, it.looked.way.later) if part]
    seen = rehearse(it.alembic, another, move(part, it.looked.way.at[0]), Patience(5, 0), held)
    subjects = it.looked.subjects
    written, _ = merged(subjects, lint(subjects, catalogue))

    shown = unseen(subjects, seen.executed, catalogue, written)

    assert {each.rule for each in shown} == case.executed
    assert all("rehearsal" in each.sources for each in shown)


def migrates(it: Run, way: Move, rehearsal: Rehearsal, held: Content) -> None:
    assert (rehearsal.downgrade_problem is not None) == (it.case.outcome == "no way back")
    assert set(rehearsal.lossy) == it.case.lossy

    it.for_real(way)

    rows = {name: count + rehearsal.rows.get(name, 0) for name, count in held.rows.items()}
    expected = Expected(way.target, rehearsal.schema_after, rows, rehearsal.invalid)
    assert problems(it.roles, expected) == []


def fails_and_changes_nothing(it: Run, way: Move, held: Content) -> None:
    """Where no rehearsal would have stopped it: the data may have been other than the copy's."""
    was = Before.of(it.roles.admin)
    with pytest.raises(DeploymentFailed):
        it.for_real(way)

    back = bring_back(
        it.platform,
        was,
        move=lambda revision: it.alembic.downgrade(it.roles.owner, revision or "base"),
        backup=None,
        aside="failed",
    )

    assert back.how
    assert not back.restored
    assert content.differences(held, content.observe(it.roles.admin)) == []


@pytest.mark.parametrize("case", RUNNING, ids=str)
def test_the_lint_of_the_live_database_sees_what_the_lint_of_a_large_one_sees(
    case: Case, catalogue: Catalogue, project: Path
):
    found = {each.rule for each in lint(look(case, project).subjects, catalogue)}

    assert found == case.lint - ONLY_WHERE_IT_IS_LARGE


def test_two_heads_stop_before_anything_is_touched(run):
    [case] = [case for case in CASES if "stops" in case.policy.values()]

    with pytest.raises(Blocked, match="2 heads") as stopped:
        run(case)

    assert "alembic merge" in stopped.value.hint
