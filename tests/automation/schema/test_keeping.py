"""Backups that a way back needs are never pruned."""

from automation.schema.keeping import needed
from components.contract.desired import DeploymentRecord, DesiredState
from tests.doubles.releases import live, release


def record(name: str, of: str, outcome: str = "deployed", backup: str | None = None):
    return DeploymentRecord(
        id=name,
        release=of,
        version="1",
        action="deploy",
        strategy="blue_green",
        outcome=outcome,
        started_at="",
        seconds=1,
        deployer="ada",
        backup=backup,
    )


def state(*history: DeploymentRecord) -> DesiredState:
    releases = {name: release(name) for name in ("a", "b", "c")}
    return live(releases["c"]).model_copy(update={"releases": releases, "history": history})


def test_those_since_the_release_before_was_deployed_are_needed():
    found = needed(
        state(
            record("1", "a", backup="1.dump"),
            record("2", "b", backup="2.dump"),
            record("3", "c", "rolled_back", backup="3.dump"),
            record("4", "c", backup="4.dump"),
        )
    )

    assert found == {"2.dump", "3.dump", "4.dump"}


def test_where_there_is_no_way_back_all_are_needed():
    assert needed(state(record("1", "c", backup="1.dump"))) == {"1.dump"}
