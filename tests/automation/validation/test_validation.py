"""Every check tells what is wrong and what to do, and none of them raises."""

import socket

import pytest

from automation.errors import Blocked, InvalidInput
from automation.settings import StackFile
from automation.specification.models import Backend, Database, Frontend, Migrations, Specification
from automation.validation import application, configuration, database, machine
from components.contract.desired import Address
from components.contract.settings import Settings
from tests.doubles.releases import release


def specification(**fields) -> Specification:
    backend = Backend(path="api", application="main:app", **fields.pop("service", {}))
    return Specification(name="tiny", backend=backend, **fields)


def stack(**fields) -> StackFile:
    return StackFile(**{"settings": Settings(), "variables": {}, "given": {}, **fields})


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def nobody():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    return address[1]


def test_all_missing_variables_are_named_with_their_service():
    found = specification(
        service={
            "required_variables": ("MAPS_KEY", "REGION", "LEVEL"),
            "variables": {"LEVEL": "x"},
        },
        frontend=Frontend(required_variables=("THEME",)),
    )

    fact = configuration.variables(found, stack(variables={"REGION": "eu"}))

    assert (fact.status, fact.blocking) == ("failed", True)
    assert fact.details == "missing variables: MAPS_KEY (backend), THEME (frontend)"
    assert "variables:NAME" in fact.remedy


def test_references_of_the_environments_own_values_are_checked_as_the_specifications_are():
    found = specification(
        service={"required_variables": ("URL", "DSN"), "variables": {"LEVEL": "x"}},
        frontend=Frontend(required_variables=("URL", "NEXT_PUBLIC_ID")),
    )
    values = {
        "URL": "${publc.url}",
        "DSN": "${database.url}",
        "LEVEL": "${environment}",
        "NEXT_PUBLIC_ID": "${release.id}",
        "UNUSED": "${nothing}",
    }

    told = configuration.overrides("staging", found, stack(variables=values))

    wrong, *others = told
    assert wrong == (
        "Pulumi.staging.yaml: variables:URL: unknown reference ${publc.url}; "
        "did you mean ${public.url}?"
    )
    assert [each.split(": ")[1] for each in others] == ["variables:DSN", "variables:NEXT_PUBLIC_ID"]
    assert configuration.overrides("staging", found, stack()) == []


def test_secrets_are_missing_only_where_nobody_gave_them_and_slipway_does_not_make_them():
    found = specification(secrets={"MADE": {"generate": 32}, "GIVEN": {}, "LEFT_OUT": {}})

    fact = configuration.secrets(found, stack(given=frozenset({"GIVEN"})))
    assert (fact.status, fact.details) == ("failed", "missing secrets: LEFT_OUT")

    fact = configuration.secrets(found, stack(given=frozenset({"GIVEN", "LEFT_OUT"})))
    assert (fact.status, fact.details) == ("passed", "1 made by Slipway, 2 given")


def test_an_application_that_is_not_meant_for_an_environment_is_refused():
    with pytest.raises(InvalidInput, match="tiny is not meant for production"):
        application.belongs("production", specification(environments=("staging",)), None)


def test_an_environment_holds_one_application():
    other = release("r").model_copy(update={"application": "shop"})

    with pytest.raises(Blocked, match="staging serves 'shop', not 'tiny'") as refused:
        application.belongs("staging", specification(), other)

    assert "SLIPWAY_HOME" in refused.value.hint
    application.belongs("staging", specification(), release("r"))


def revision(folder, name: str, after: str | None) -> None:
    (folder / f"{name}.py").write_text(
        f"revision = {name!r}\ndown_revision = {after!r}\n"
        "def upgrade():\n    op.execute('x')\ndef downgrade():\n    op.execute('y')\n"
    )


def test_two_heads_are_a_blocker_that_names_both(tmp_path):
    versions = tmp_path / "alembic" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
    found = specification(database=Database(migrations=Migrations()))
    revision(versions, "aaa", None)
    revision(versions, "bbb", "aaa")
    fact = application.revisions(tmp_path, found)
    assert (fact.status, fact.details) == ("passed", "one head, bbb, of 2 revisions")

    revision(versions, "ccc", "aaa")

    fact = application.revisions(tmp_path, found)
    assert (fact.status, fact.blocking) == ("failed", True)
    assert "bbb" in fact.details
    assert "ccc" in fact.details


def test_without_migrations_there_is_nothing_to_check(tmp_path):
    assert application.revisions(tmp_path, specification()).status == "skipped"


def test_credentials_in_files_are_noted_without_their_values_and_block_nothing(tmp_path):
    (tmp_path / ".env").write_text("STRIPE_SECRET_KEY=sk_live_sentinel4242424242424242\n")

    fact = application.credentials(tmp_path)

    assert (fact.status, fact.blocking) == ("failed", False)
    assert ".env:1 (STRIPE_SECRET_KEY)" in fact.details
    assert "sentinel" not in str(fact)


def test_the_room_on_the_disk_is_measured_where_the_home_will_be(tmp_path):
    fact = machine.disk(tmp_path / "not" / "yet" / "there")

    assert f"GB free in {tmp_path}" in fact.details


def test_a_port_of_somebody_else_is_a_blocker_and_our_own_is_none(taken, nobody):
    def port(number: int, live: bool):
        return machine.public_port(Address(host="tiny.localhost", port=number), live)

    assert port(taken, False).status == "failed"
    assert f"port {taken} is taken" in port(taken, False).details
    assert port(taken, True).status == port(nobody, False).status == "passed"


def test_external_services_are_named_where_they_do_not_answer(taken, nobody):
    def check(*addresses: str):
        return machine.external_services(addresses)

    assert check().status == "skipped"
    assert check(f"127.0.0.1:{taken}").status == "passed"
    fact = check(f"127.0.0.1:{taken}", f"127.0.0.1:{nobody}", "no port")
    assert (fact.status, fact.details) == ("failed", f"not reachable: 127.0.0.1:{nobody}, no port")


def test_a_database_that_refuses_is_looked_into_where_it_runs(nobody):
    known = {"host": "127.0.0.1", "port": str(nobody), "name": "todo"}
    known |= {"user": "app", "password": "x", "owner": "owner", "owner_password": "x"}

    here = database.connection(known)
    there = database.connection({**known, "neon_project": "quiet-sea-1"})

    assert here.status == there.status == "failed"
    assert "run/logs/" in here.remedy
    assert "Neon's console" in there.remedy
