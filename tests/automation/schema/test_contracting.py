"""What of a contraction is outstanding, as the state and the release's artifact tell it."""

from pathlib import Path

import pytest

from automation.schema.contracting import outstanding
from components.contract.desired import DesiredState
from components.contract.release import Artifact
from tests.automation.migrations.conftest import SPECIFICATION
from tests.automation.migrations.conftest import artifact as artifact
from tests.automation.migrations.conftest import revise as revise
from tests.doubles.releases import live, release


@pytest.fixture
def state(tmp_path, artifact: Artifact, revise):
    """A release that is live and has revisions up to 0004; the last two are contracting."""
    document = tmp_path / "specification.json"
    document.write_text(SPECIFICATION.model_dump_json(by_alias=True))
    for name, after in (("0003", "0002"), ("0004", "0003")):
        revise(name, after, "pass")
        file = Path(artifact.path) / "source" / "alembic" / "versions" / f"{name}_more.py"
        file.write_text(f'{file.read_text()}slipway = {{"phase": "contract"}}\n')
    made = release("1.0.0-new", "backend", head="0004").model_copy(
        update={"backend": artifact, "specification": str(document)}
    )

    def at(head: str | None) -> DesiredState:
        return live(made).model_copy(update={"alembic_head": head})

    return at


@pytest.mark.parametrize(
    ("head", "left"), [("0004", ()), ("0003", ("0004",)), ("0002", ("0003", "0004"))]
)
def test_what_the_database_lacks_of_the_contraction_is_outstanding(state, head, left):
    assert outstanding(state(head)) == left


def test_what_should_have_been_applied_before_is_no_contraction(state):
    assert outstanding(state("0001")) == ()


def test_a_newer_schema_that_was_kept_lacks_nothing(state):
    assert outstanding(state("0009")) == ()


def test_where_nothing_is_live_nothing_is_outstanding():
    assert outstanding(DesiredState(alembic_head="0001")) == ()


def test_where_the_artifact_is_gone_nothing_is_claimed(state):
    found = state("0003")
    [gone] = found.releases.values()
    moved = gone.model_copy(
        update={"backend": gone.backend.model_copy(update={"path": "/nowhere"})}
    )
    assert outstanding(found.model_copy(update={"releases": {gone.id: moved}})) == ()
