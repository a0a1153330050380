"""The database at Neon, where the API is slow, locked, broken, full or half way through."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automation.databases import content, neon
from automation.databases.base import Opening
from automation.databases.content import Content, Table
from automation.databases.neon import NeonDatabase
from automation.errors import Blocked, DeploymentFailed
from automation.migrations.connection import Target
from tests.doubles.neon.deployed import deployed
from tests.doubles.neon.fake import FakeNeon
from tests.doubles.neon.model import Project

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("databases")]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNeon]:
    with FakeNeon(seconds=0.02, branch_limit=5) as fake, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEON_API_KEY", fake.key)
        patch.setenv("NEON_API_URL", fake.url)
        yield fake


@pytest.fixture
def fake(server: FakeNeon) -> Iterator[FakeNeon]:
    yield server
    assert not [fault for fault in server.faults if fault.times], "a fault was never met"
    server.faults.clear()


@pytest.fixture
def output(fake: FakeNeon, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database with one row, at revision 0001."""
    made = deployed(tmp_path.name)
    with Target.owner(made).connect() as connection:
        connection.execute("CREATE TABLE people (name text)")
        connection.execute("INSERT INTO people VALUES ('ada')")
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    yield made
    fake.remove(made["neon_project"])


@pytest.fixture
def project(fake: FakeNeon, output: dict[str, str]) -> Project:
    return fake.service.projects[output["neon_project"]]


@pytest.fixture
def platform(output: dict[str, str], tmp_path: Path) -> NeonDatabase:
    return NeonDatabase(Opening(output, tmp_path))


def names(project: Project) -> set[str]:
    return {branch.name for branch in project.branches.values()}


def add(output: dict[str, str], name: str) -> None:
    with Target.owner(output).connect() as connection:
        connection.execute("INSERT INTO people VALUES (%s)", (name,))


def people(output: dict[str, str]) -> list[str]:
    with Target.owner(output).connect() as connection:
        return [n for (n,) in connection.execute("SELECT name FROM people ORDER BY 1").fetchall()]


def test_without_a_key_nothing_is_touched(
    output: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEON_API_KEY")

    with pytest.raises(Blocked, match="NEON_API_KEY is not set") as blocked:
        NeonDatabase(Opening(output, tmp_path))

    assert "Neon's console" in blocked.value.hint


def test_a_database_elsewhere_is_not_mistaken_for_one_at_neon(
    output: dict[str, str], tmp_path: Path
) -> None:
    elsewhere = {key: value for key, value in output.items() if not key.startswith("neon_")}

    with pytest.raises(Blocked, match="is not at Neon"):
        NeonDatabase(Opening(elsewhere, tmp_path))


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 423, "times": 2},
        {"status": 429, "retry_after": "1"},
        {"status": 500, "after": True},
        {"status": 0, "after": True},
    ],
    ids=str,
)
def test_a_backup_is_one_branch_whatever_happens_to_the_call(
    fake: FakeNeon, project: Project, platform: NeonDatabase, fault: dict[str, Any]
) -> None:
    fake.fail("POST", "/branches$", **fault)

    saved = platform.back_up("d1")

    assert names(project) == {"main", saved.id}
    assert len(project.endpoints) == 1  # the backup's compute is gone again
    assert saved.details["branch"] in project.branches


def test_a_backup_that_neon_does_not_manage_blocks_and_leaves_nothing(
    fake: FakeNeon, project: Project, platform: NeonDatabase
) -> None:
    fake.fail_operation("create_branch", "storage is on fire")

    with pytest.raises(Blocked, match=r"the backup failed: .*storage is on fire"):
        platform.back_up("d1")

    assert names(project) == {"main"}


def test_a_full_project_blocks_with_what_to_do(project: Project, platform: NeonDatabase) -> None:
    for number in range(4):
        platform.back_up(f"d{number}")

    with pytest.raises(Blocked, match="branches limit exceeded") as blocked:
        platform.back_up("d4")

    assert "slipway:backupsRetained" in blocked.value.hint
    assert len(names(project)) == 5


def test_a_backup_whose_maker_was_killed_before_it_was_verified_is_none(
    fake: FakeNeon, project: Project, output: dict[str, str], tmp_path: Path
) -> None:
    class Killed(BaseException):
        """Stands for SIGKILL: nothing is caught, nothing is cleaned up."""

    def progress(text: str) -> None:
        if "connecting" in text:
            raise Killed

    with pytest.raises(Killed):
        NeonDatabase(Opening(output, tmp_path, progress)).back_up("d1")
    assert names(project) == {"main", "slipway-unverified-d1"}

    platform = NeonDatabase(Opening(output, tmp_path))
    assert platform.find("d1") is None
    platform.mend()

    assert names(project) == {"main"}


def test_a_compute_that_a_killed_command_left_to_a_backup_is_taken_away(
    project: Project, platform: NeonDatabase
) -> None:
    saved = platform.back_up("d1")
    awake = platform._branches.awake(saved.details["branch"])
    awake.__enter__()
    assert len(project.endpoints) == 2

    platform.mend()

    assert len(project.endpoints) == 1
    assert saved.id in names(project)


def test_a_copy_that_cannot_be_removed_now_is_removed_by_the_next_command(
    fake: FakeNeon, project: Project, platform: NeonDatabase
) -> None:
    saved = platform.back_up("d1")
    with platform.copy(saved):
        fake.fail("DELETE", "/branches/", status=500, times=4)
    assert "slipway-copy-d1" in names(project)

    platform.mend()

    assert "slipway-copy-d1" not in names(project)


@pytest.mark.parametrize("after", [True, False], ids=["after it was done", "before"])
def test_a_restore_whose_answer_is_lost_is_done_once(
    fake: FakeNeon,
    project: Project,
    platform: NeonDatabase,
    output: dict[str, str],
    after: bool,
) -> None:
    saved = platform.back_up("d1")
    add(output, "later")
    fake.fail("POST", "/restore$", status=0, after=after)

    platform.restore(saved, "d2")

    assert people(output) == ["ada"]
    assert names(project) == {"main", saved.id, "slipway-replaced-d2"}
    assert fake.count("POST", f"{project.id}.*/restore$") == (1 if after else 2)


def test_a_restore_that_was_killed_is_finished_by_running_it_again(
    project: Project, platform: NeonDatabase, output: dict[str, str]
) -> None:
    saved = platform.back_up("d1")
    add(output, "later")
    platform.restore(saved, "d2")  # and its process died before anybody heard of it

    where = platform.restore(saved, "d2")

    assert where == "the branch slipway-replaced-d2 of the same project"
    assert people(output) == ["ada"]
    assert names(project) == {"main", saved.id, "slipway-replaced-d2"}


def test_another_restore_of_the_same_deployment_is_not_taken_for_done(
    platform: NeonDatabase,
) -> None:
    first, second = platform.back_up("d1"), platform.back_up("d2")
    platform.restore(first, "d3")

    with pytest.raises(DeploymentFailed, match="slipway-replaced-d3 already, of another restore"):
        platform.restore(second, "d3")


def test_a_restore_that_fails_says_so_and_the_database_is_as_it_was(
    fake: FakeNeon, platform: NeonDatabase, output: dict[str, str]
) -> None:
    saved = platform.back_up("d1")
    add(output, "later")
    fake.fail_operation("create_branch", "no room")

    with pytest.raises(DeploymentFailed, match=r"could not be restored: .*no room"):
        platform.restore(saved, "d2")

    assert people(output) == ["ada", "later"]


def test_what_a_restored_database_is_made_of_is_kept_and_that_is_said(
    project: Project, output: dict[str, str], tmp_path: Path
) -> None:
    said: list[str] = []
    platform = NeonDatabase(Opening(output, tmp_path, said.append))
    saved = platform.back_up("d1")
    platform.restore(saved, "d2")
    newer = platform.back_up("d3")

    assert platform.prune(1, ()) == []

    assert {saved.id, newer.id} <= names(project)
    assert any(f"Neon still needs the branch {saved.id}" in line for line in said)
    assert people(output) == ["ada"]


def test_backups_of_other_tools_are_left_alone(
    fake: FakeNeon, project: Project, platform: NeonDatabase
) -> None:
    from clients.neon import branches
    from clients.neon.transport import Api

    branches.ensure(Api(fake.key, fake.url), project.id, "preview/42")
    platform.back_up("d1")

    platform.mend()

    assert platform.prune(1, ()) == []
    assert "preview/42" in names(project)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"a": Table(1, "x"), "b": Table(7, "y")}, []),
        ({"a": Table(2, "x"), "b": Table(7, "y")}, ["a: 1 rows, found 2"]),
        ({"b": Table(5, "y")}, ["a: absent"]),
    ],
    ids=["the same", "more rows", "a table missing"],
)
def test_a_branch_must_have_what_stood_still_while_it_was_made(
    found: dict[str, Table], told: list[str]
) -> None:
    before = Content("s", {"a": Table(1, "x"), "b": Table(5, "y")})
    after = Content("s", {"a": Table(1, "x"), "b": Table(9, "z")})

    assert neon.not_copied(before, after, Content("s", found)) == told
    assert content.differences(before, before) == []


def test_a_branch_with_another_schema_is_no_backup() -> None:
    same = Content("CREATE TABLE a", {})

    assert neon.not_copied(same, same, Content("CREATE TABLE b", {}))


def test_what_is_rehearsed_on_is_as_large_as_what_it_stands_for(
    project: Project, platform: NeonDatabase
) -> None:
    (main,) = project.endpoints.values()
    main.autoscaling_limit_min_cu, main.autoscaling_limit_max_cu = 2, 4
    saved = platform.back_up("d1")

    with platform.copy(saved):
        copied = next(each for each in project.endpoints.values() if each is not main)

    assert (copied.autoscaling_limit_min_cu, copied.autoscaling_limit_max_cu) == (2, 4)
