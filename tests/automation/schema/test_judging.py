"""The policy judges what only the rehearsal shows, before the database is touched."""

import json
from pathlib import Path

import pytest

from automation.context import Context
from automation.errors import DeploymentFailed
from automation.events import StepNotes
from automation.home import Home
from automation.migrations.revision import current
from automation.schema import planning
from automation.steps import migrate
from components.contract.desired import Address, DesiredState
from tests.automation.migrations.conftest import SPECIFICATION
from tests.automation.migrations.conftest import artifact as artifact
from tests.automation.migrations.conftest import database as database
from tests.automation.migrations.conftest import owner as owner
from tests.automation.migrations.conftest import people as people
from tests.automation.migrations.conftest import revise as revise
from tests.automation.migrations.conftest import server as server
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard
from tests.doubles.releases import release

pytestmark = pytest.mark.xdist_group("migrations")
FOUND = """\
for (name,) in op.get_bind().exec_driver_sql("SELECT 'name'").fetchall():
        op.drop_column("people", name)
"""
TOLD = "only the rehearsal shows: 0003: drop-column on people"


@pytest.fixture
def context(tmp_path, database, artifact, people, revise):
    """A release whose last revision drops what it finds in the database."""
    revise("0003", "0002", FOUND)
    document = tmp_path / "specification.json"
    document.write_text(SPECIFICATION.model_dump_json(by_alias=True))
    with FakeEngine(DesiredState(), database=database) as engine:
        installation = Installation(Home(tmp_path / "home"), tmp_path, engine)
        made = installation.open(Heard())
        made.application = Path(artifact.path) / artifact.working_directory
        made.release = release("new", "backend", head="0003").model_copy(
            update={"backend": artifact, "specification": str(document)}
        )
        made.declared = DesiredState(releases={"new": made.release})
        made.specification = SPECIFICATION
        made.address = Address(host="tiny.localhost", port=8443)
        made.database = database
        yield made


def run(context: Context) -> dict:
    """Plan and migrate; return the plan as it was written in the end."""
    context.pending = planning.pending(context, downtime=False)
    try:
        migrate.run(context, StepNotes())
    finally:
        written = json.loads((context.folder / "migration-plan.json").read_text())
    return written


def test_what_is_dropped_after_a_look_at_the_database_blocks_before_it_is(context, owner):
    with pytest.raises(DeploymentFailed, match="balanced blocks drop-column") as refused:
        run(context)

    assert current(owner) == "0001"
    assert "Nothing was migrated" in refused.value.hint
    assert any(TOLD in note for note in context.events.listeners[0].notes)
    written = json.loads((context.folder / "migration-plan.json").read_text())
    [found] = [each for each in written["findings"] if each["rule"] == "drop-column"]
    assert "rehearsal" in found["sources"]


def test_where_the_policy_lets_it_through_it_is_told_all_the_same(context, owner):
    context.settings = context.settings.model_copy(update={"database_policy": "permissive"})

    written = run(context)

    assert current(owner) == "0003"
    assert any(TOLD in note for note in context.events.listeners[0].notes)
    assert "drop-column" in {each["rule"] for each in written["findings"]}


def test_what_the_revision_allows_is_let_through(context, owner, artifact):
    file = Path(artifact.path) / "source" / "alembic" / "versions" / "0003_more.py"
    file.write_text(f'{file.read_text()}slipway = {{"allow": ["drop-column"]}}\n')

    run(context)

    assert current(owner) == "0003"
