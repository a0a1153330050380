"""What the program declares where the database is at Neon."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import settings
from components.application import Application
from components.contract import outputs
from components.contract.desired import DesiredState
from components.contract.settings import Settings
from tests.components.examples import live, release
from tests.doubles.program import Declared, declare

TYPES = {
    "application-database": "slipway:index:Database",
    "application-database-application": "pulumi-python:dynamic/neon:ApplicationRole",
    "application-database-branch": "pulumi-python:dynamic/neon:Branch",
    "application-database-database": "pulumi-python:dynamic/neon:Database",
    "application-database-endpoint": "pulumi-python:dynamic/neon:Endpoint",
    "application-database-owner": "pulumi-python:dynamic/neon:Role",
    "application-database-passwords": "pulumi-python:dynamic/local:SecretValues",
    "application-database-project": "pulumi-python:dynamic/neon:Project",
}
PROJECT = "application-database-project"


def declared(state: DesiredState, name: str = "staging", **changes: Any) -> Declared:
    inputs = settings.Inputs(
        environment=name,
        settings=Settings(**{"database_platform": "neon", **changes}),
        state=pulumi.Output.from_input(state),
        home=Path("/home"),
        given={},
    )
    return declare(lambda: Application("application", inputs).outputs(), stack=name)


@pytest.fixture(scope="module")
def running() -> Declared:
    return declared(live())


def test_names_and_types_of_all_resources_are_those_that_stacks_remember(running: Declared) -> None:
    found = {
        name: kind.rpartition("$")[2]
        for name, kind in running.types().items()
        if name.startswith("application-database")
    }

    assert found == TYPES


def test_the_application_connects_by_way_of_the_pooler_and_migrations_directly(
    running: Declared,
) -> None:
    database = running.outputs[outputs.DATABASE]
    programs = json.loads(running.inputs["application-backend-blue"]["programs"])
    url = programs["backend-blue-0"]["environment"]["DATABASE_URL"]

    assert database["host"] == "ep-1-pooler.neon.tech"
    assert database["direct_host"] == "ep-1.neon.tech"
    assert url == (
        "postgresql://app_staging:made-password@ep-1-pooler.neon.tech:5432/app_staging"
        "?sslmode=require"
    )
    assert database["owner_password"] == database["admin_password"] == "made-by-neon"
    assert all(isinstance(value, str) for value in database.values())


def test_the_output_and_every_password_are_secret(running: Declared) -> None:
    assert running.secret[outputs.DATABASE]
    for name, found in running.inputs.items():
        plain = {key: v for key, v in found.items() if key not in running.secret_inputs[name]}
        for secret in ("made-password", "made-by-neon"):
            assert secret not in json.dumps(plain, default=str), name


def test_no_key_is_among_the_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEON_API_KEY", "napi_sentinel")

    found = declared(live())

    assert "napi_sentinel" not in json.dumps(found.inputs, default=str)
    assert "napi_sentinel" not in json.dumps(found.outputs, default=str)


def test_another_release_is_no_difference_to_the_database(running: Declared) -> None:
    other = declared(live(release("r1"), release("r2")))

    for name in TYPES:
        assert other.inputs.get(name) == running.inputs.get(name)
    assert declared(DesiredState()).inputs[PROJECT] == running.inputs[PROJECT]


def test_the_settings_are_asked_of_neon() -> None:
    found = declared(
        live(),
        neon_project="todo",
        neon_region="aws-eu-central-1",
        neon_organization="org-1",
        neon_minimum_compute_units=1,
        neon_maximum_compute_units=4,
        neon_suspend_seconds=-1,
        neon_history_retention_seconds=604800,
    ).inputs

    project, endpoint = found[PROJECT], found["application-database-endpoint"]
    assert (project["name"], project["region"]) == ("todo", "aws-eu-central-1")
    assert (project["organization"], project["history_retention_seconds"]) == ("org-1", 604800)
    sizes = (endpoint["minimum_compute_units"], endpoint["maximum_compute_units"])
    assert (*sizes, endpoint["suspend_seconds"]) == (1, 4, -1)


def test_a_project_has_a_name_that_is_nobody_elses() -> None:
    name = declared(live(), application="apps/My To-Do " + "x" * 300).inputs[PROJECT]["name"]

    assert name.startswith("my-to-do-xxx")
    assert name.endswith("-staging-made-suffix")
    assert len(name) <= 256


@pytest.mark.parametrize(
    ("environment", "kept"), [("staging", set()), ("production", {PROJECT})], ids=str
)
def test_the_project_of_production_is_neither_deleted_nor_replaced(
    environment: str, kept: set[str]
) -> None:
    assert declared(live(), environment).kept == kept


def test_whoever_uses_the_database_waits_for_its_role(running: Declared) -> None:
    waits = running.dependencies

    assert "application-database-application" in waits["application-backend-blue"]
    assert "application-database-owner" in waits["application-database-database"]
    assert "application-database-endpoint" in waits["application-database-database"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"neon_minimum_compute_units": 2}, "neonMinimumComputeUnits is above"),
        ({"neon_suspend_seconds": 5}, "neonSuspendSeconds: expected 60"),
        ({"neon_history_retention_seconds": 2592001}, "less than or equal to 2592000"),
        ({"neon_postgres_version": 13}, "greater than or equal to 14"),
        ({"neon_project": "n" * 257}, "at most 256 characters"),
    ],
)
def test_what_neon_would_refuse_is_refused_before(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Settings(**changes)
