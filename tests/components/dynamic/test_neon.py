"""Neon's resources, against an API over HTTP with real PostgreSQL behind it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors
from pulumi.runtime import rpc

from clients.neon.errors import KeyMissing, OperationFailed, Refused
from components.dynamic.neon_application_role import ApplicationRoleProvider
from components.dynamic.neon_branch import BranchProvider
from components.dynamic.neon_database import DatabaseProvider
from components.dynamic.neon_endpoint import EndpointProvider
from components.dynamic.neon_project import ProjectProvider
from components.dynamic.neon_role import RoleProvider
from tests.doubles.neon.fake import FakeNeon

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("neon")]

PROJECT, BRANCH, ENDPOINT = ProjectProvider(), BranchProvider(), EndpointProvider()
ROLE, DATABASE, APPLICATION = RoleProvider(), DatabaseProvider(), ApplicationRoleProvider()
Json = dict[str, Any]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNeon]:
    with FakeNeon(seconds=0.02, branch_limit=5) as fake:
        yield fake


@pytest.fixture
def neon(server: FakeNeon, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNeon]:
    monkeypatch.setenv("NEON_API_KEY", server.key)
    monkeypatch.setenv("NEON_API_URL", server.url)
    server.calls.clear()
    yield server
    server.faults.clear()
    server.service.failing.clear()


def project_props(name: str, **changes: Any) -> Json:
    known = {
        "name": name,
        "region": "aws-us-east-1",
        "postgres_version": 18.0,
        "history_retention_seconds": 86400.0,
        "organization": "",
        "branch": "main",
        "role": "owner_test",
        "database": "app_test",
    }
    return {**known, **changes}


@pytest.fixture(scope="module")
def project(server: FakeNeon) -> str:
    """The id of a project that tests share, without what they make in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEON_API_KEY", server.key)
        patch.setenv("NEON_API_URL", server.url)
        return str(PROJECT.create(project_props("shared")).id)


@pytest.fixture
def main(neon: FakeNeon, project: str) -> Json:
    """Project and id of the default branch."""
    made = BRANCH.create({"project": project, "name": "main", "parent": ""})
    return {"project": project, "branch": made.id}


def test_without_a_key_it_is_said_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEON_API_KEY", raising=False)

    with pytest.raises(KeyMissing, match="NEON_API_KEY is not set; Set NEON_API_KEY to a key"):
        PROJECT.create(project_props("nobody"))


def test_a_refused_key_is_said_and_not_shown(
    neon: FakeNeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_API_KEY", "napi_sentinel_of_another")

    with pytest.raises(
        Refused, match=r"401 .*invalid API key.* Check that NEON_API_KEY"
    ) as refused:
        PROJECT.read("some-id", project_props("nobody"))

    assert "sentinel" not in str(refused.value)


def test_a_project_lives_changes_and_ends(neon: FakeNeon) -> None:
    props = project_props("alive")
    made = PROJECT.create(props)
    renamed = {**props, "name": "renamed", "history_retention_seconds": 3600.0}
    assert PROJECT.diff(made.id, made.outs, renamed).changes
    assert not PROJECT.diff(made.id, made.outs, renamed).replaces

    outs = PROJECT.update(made.id, made.outs, renamed).outs
    seen = PROJECT.read(made.id, outs)

    assert (seen.id, seen.outs["name"]) == (made.id, "renamed")
    assert seen.outs["history_retention_seconds"] == 3600
    assert not PROJECT.diff(made.id, seen.outs, renamed).changes
    PROJECT.delete(made.id, outs)
    PROJECT.delete(made.id, outs)
    assert PROJECT.read(made.id, outs).id == ""


@pytest.mark.parametrize("key", ["region", "postgres_version", "organization"])
def test_what_a_project_keeps_for_life_replaces_it_and_the_old_one_goes_first(key: str) -> None:
    old = project_props("one")

    found = PROJECT.diff("id", old, {**old, key: "another"})

    # else the new one, looked up by its name, would be the old one
    assert (found.changes, found.replaces, found.delete_before_replace) == (True, [key], True)


def test_names_a_project_began_with_are_no_difference_later() -> None:
    old = project_props("one")

    assert not PROJECT.diff("id", old, {**old, "branch": "b", "role": "r", "database": "d"}).changes


@pytest.mark.parametrize("provider", [BRANCH, ENDPOINT, ROLE, DATABASE])
def test_another_project_is_another_resource_but_an_unknown_one_may_be_the_same(
    provider: Any,
) -> None:
    old = {"project": "p", "branch": "b", "name": "n", "parent": "", "owner": "o"}

    assert provider.diff("id", old, {**old, "project": "q"}).replaces == ["project"]
    unknown = provider.diff("id", old, {**old, "project": rpc.UNKNOWN})
    assert (unknown.changes, unknown.replaces) == (True, [])
    assert not provider.diff("id", old, old).changes


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 423},
        {"status": 423, "times": 3},
        {"status": 429, "retry_after": "1"},
        {"status": 503},
        {"status": 500},
        {"status": 500, "after": True},
        {"status": 0},
        {"status": 0, "after": True},
    ],
    ids=str,
)
def test_whatever_happens_to_the_call_there_is_one_project(neon: FakeNeon, fault: Json) -> None:
    neon.fail("POST", "^/projects$", **fault)
    props = project_props(f"faulty {fault}")

    made = PROJECT.create(props)

    named = [project.id for project in neon.projects if project.name == props["name"]]
    assert named == [made.id]
    assert all(fault.times == 0 for fault in neon.faults)
    PROJECT.delete(made.id, made.outs)


def test_a_retry_after_is_waited_for(neon: FakeNeon) -> None:
    from clients.neon.transport import Api

    slept: list[float] = []
    api = Api(neon.key, neon.url, sleep=slept.append)
    neon.fail("GET", "^/projects$", status=429, retry_after="7")

    api.get("/projects")

    assert slept == [7.0]


def test_a_create_that_was_killed_before_its_answer_is_adopted(neon: FakeNeon) -> None:
    props = project_props("killed")
    first = PROJECT.create(props)  # the engine died before it wrote that down

    second = PROJECT.create(props)

    assert second.id == first.id
    PROJECT.delete(first.id, first.outs)


def test_a_project_whose_making_fails_is_not_left_behind(neon: FakeNeon) -> None:
    neon.fail_operation("start_compute", "no compute in stock")

    with pytest.raises(OperationFailed, match=r"start_compute .*failed: no compute in stock"):
        PROJECT.create(project_props("stillborn"))

    assert "stillborn" not in [project.name for project in neon.projects]


def test_a_name_that_is_too_long_is_refused_by_name(neon: FakeNeon) -> None:
    with pytest.raises(Refused, match="400 project name must have 1 to 256 characters"):
        PROJECT.create(project_props("n" * 257))


def test_the_default_branch_is_adopted_and_stays_until_its_project_goes(
    neon: FakeNeon, main: Json
) -> None:
    assert neon.count("POST", "/branches$") == 0

    BRANCH.delete(main["branch"], {"project": main["project"], "name": "main", "parent": ""})

    assert BRANCH.read(main["branch"], {"project": main["project"]}).id == main["branch"]


@pytest.mark.parametrize(
    "fault",
    [{"status": 423}, {"status": 0, "after": True}, {"status": 502, "after": True}],
    ids=str,
)
def test_a_branch_is_made_once_renamed_and_deleted(
    neon: FakeNeon, project: str, fault: Json
) -> None:
    neon.fail("POST", "/branches$", **fault)
    props = {"project": project, "name": "side", "parent": ""}
    made = BRANCH.create(props)
    renamed = {**props, "name": "other"}
    assert not BRANCH.diff(made.id, made.outs, renamed).replaces

    BRANCH.update(made.id, made.outs, renamed)

    assert BRANCH.read(made.id, made.outs).outs["name"] == "other"
    held = neon.service.projects[project].branches.values()
    assert [branch.name for branch in held] == ["main", "other"]
    BRANCH.delete(made.id, renamed)
    BRANCH.delete(made.id, renamed)
    assert BRANCH.read(made.id, renamed).id == ""


def test_a_branch_whose_making_fails_is_not_left_behind(neon: FakeNeon, project: str) -> None:
    neon.fail_operation("create_branch")

    with pytest.raises(OperationFailed):
        BRANCH.create({"project": project, "name": "stillborn", "parent": ""})

    assert len(neon.service.projects[project].branches) == 1


def test_too_many_branches_are_refused_with_what_to_do(neon: FakeNeon, project: str) -> None:
    made = [
        BRANCH.create({"project": project, "name": f"b{number}", "parent": ""})
        for number in range(4)
    ]

    with pytest.raises(Refused, match=r"BRANCHES_LIMIT_EXCEEDED.*choose a larger plan"):
        BRANCH.create({"project": project, "name": "one too many", "parent": ""})

    for each in made:
        BRANCH.delete(each.id, each.outs)


def test_the_endpoint_of_a_branch_is_adopted_and_takes_the_sizes(
    neon: FakeNeon, main: Json
) -> None:
    props = {
        **main,
        "minimum_compute_units": 0.5,
        "maximum_compute_units": 2,
        "suspend_seconds": 60.0,
    }
    made = ENDPOINT.create(props)
    assert neon.count("POST", "/endpoints$") == 0
    assert not ENDPOINT.diff(made.id, ENDPOINT.read(made.id, props).outs, props).changes

    larger = {**props, "maximum_compute_units": 4.0}
    assert ENDPOINT.diff(made.id, props, larger).replaces == []
    neon.fail("PATCH", "/endpoints/", status=423)
    ENDPOINT.update(made.id, props, larger)

    assert ENDPOINT.read(made.id, props).outs["maximum_compute_units"] == 4


def test_an_endpoint_is_made_once_and_deleted(neon: FakeNeon, project: str) -> None:
    branch = BRANCH.create({"project": project, "name": "computed", "parent": ""})
    sizes = {"minimum_compute_units": 0.25, "maximum_compute_units": 1.0, "suspend_seconds": 0.0}
    props = {"project": project, "branch": branch.id, **sizes}
    neon.fail("POST", "/endpoints$", status=0, after=True)

    made = ENDPOINT.create(props)

    assert ENDPOINT.read(made.id, props).id == made.id
    assert len(neon.service.projects[project].endpoints) == 2
    ENDPOINT.delete(made.id, props)
    ENDPOINT.delete(made.id, props)
    assert ENDPOINT.read(made.id, props).id == ""
    BRANCH.delete(branch.id, branch.outs)


def test_a_role_that_came_with_the_project_is_adopted_with_its_password(
    neon: FakeNeon, main: Json
) -> None:
    made = ROLE.create({**main, "name": "owner_test", "password": None})

    held = neon.service.projects[main["project"]].branches[main["branch"]].roles
    assert list(held) == ["owner_test"]
    assert made.outs["password"] == held["owner_test"].password


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not stored"])
def test_a_role_is_made_once_and_deleted(neon: FakeNeon, main: Json, stored: bool) -> None:
    held = neon.service.projects[main["project"]]
    held.store_passwords = stored
    neon.fail("POST", "/roles$", status=0, after=True)
    props = {**main, "name": "another", "password": None}

    made = ROLE.create(props)

    role = held.branches[main["branch"]].roles["another"]
    assert made.outs["password"] == role.password
    assert ROLE.read(made.id, made.outs).outs["password"] == role.password
    assert ROLE.update(made.id, made.outs, props).outs["password"] == role.password
    held.store_passwords = True
    ROLE.delete(made.id, made.outs)
    ROLE.delete(made.id, made.outs)
    assert ROLE.read(made.id, made.outs).id == ""


def test_a_database_is_made_once_given_away_and_deleted(neon: FakeNeon, main: Json) -> None:
    ROLE.create({**main, "name": "second", "password": None})
    neon.fail("POST", "/databases$", status=0, after=True)
    props = {**main, "name": "another", "owner": "owner_test"}
    made = DATABASE.create(props)
    assert made.outs["host"] != made.outs["pooled_host"]

    given = DATABASE.update(made.id, made.outs, {**props, "owner": "second"}).outs

    assert DATABASE.read(made.id, given).outs["owner"] == "second"
    with pytest.raises(Refused, match="owns a database"):
        ROLE.delete("second", {**main, "name": "second"})
    DATABASE.delete(made.id, given)
    DATABASE.delete(made.id, given)
    assert DATABASE.read(made.id, given).id == ""
    ROLE.delete("second", {**main, "name": "second"})


@pytest.fixture
def application(neon: FakeNeon, main: Json) -> Iterator[Json]:
    owner = ROLE.create({**main, "name": "owner_test", "password": None}).outs
    database = DATABASE.create({**main, "name": "app_test", "owner": "owner_test"}).outs
    props = {
        **{key: database[key] for key in ("host", "port", "sslmode")},
        "database": "app_test",
        "owner": "owner_test",
        "owner_password": owner["password"],
        "user": "app_test",
        "password": "sentinel'of the application",
        "application_owns_schema": False,
    }
    yield APPLICATION.create(props).outs
    APPLICATION.delete("app_test", props)


def connect(props: Json, user: str, password: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(
        host=props["host"],
        port=props["port"],
        dbname=props["database"],
        user=props[user],
        password=props[password],
        autocommit=True,
    )


def test_the_application_reads_and_writes_rows_and_does_nothing_else(application: Json) -> None:
    with connect(application, "owner", "owner_password") as owner:
        owner.execute("CREATE TABLE notes (id serial PRIMARY KEY, text text)")
    with connect(application, "user", "password") as user:
        user.execute("INSERT INTO notes (text) VALUES ('a')")
        for refused in ("DROP TABLE notes", "CREATE TABLE mine (id int)", "CREATE ROLE mine"):
            with pytest.raises(errors.InsufficientPrivilege):
                user.execute(refused)

    owning = {**application, "application_owns_schema": True}
    assert APPLICATION.diff("app_test", application, owning).changes
    APPLICATION.update("app_test", application, owning)
    with connect(application, "user", "password") as user:
        user.execute("CREATE TABLE mine (id int)")
    assert APPLICATION.read("app_test", application).id == "app_test"

    APPLICATION.delete("app_test", application)
    APPLICATION.delete("app_test", application)

    assert APPLICATION.read("app_test", application).id == ""
    with connect(application, "owner", "owner_password") as owner:
        owner.execute("DROP TABLE notes, mine")


def test_a_password_is_given_as_it_is_since_neon_takes_no_verifier(
    neon: FakeNeon, main: Json, application: Json
) -> None:
    cluster = neon.service.projects[main["project"]].branches[main["branch"]].cluster
    told = cluster.log.read_text()

    assert 'CREATE ROLE "app_test" LOGIN PASSWORD' in told
    assert "SCRAM-SHA-256" not in told


def test_a_database_that_does_not_answer_tells_nothing_of_its_role(application: Json) -> None:
    silent = {**application, "port": 1}

    assert APPLICATION.read("app_test", silent).id == "app_test"
    APPLICATION.delete("app_test", silent)
