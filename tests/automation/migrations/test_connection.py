import psycopg
import pytest

from automation.errors import Blocked
from automation.migrations.connection import Target
from automation.validation import database as validation

SERVER = {
    "host": "127.0.0.1",
    "port": "1",
    "name": "shop",
    "user": "app",
    "password": "sentinel-app",
    "owner": "own",
    "owner_password": "sentinel-owner",
    "admin": "adm",
    "admin_password": "sentinel-admin",
}


def test_every_role_has_its_own_password_and_none_shows():
    roles = [Target.application(SERVER), Target.owner(SERVER), Target.admin(SERVER)]

    assert [(role.user, role.password) for role in roles] == [
        ("app", "sentinel-app"),
        ("own", "sentinel-owner"),
        ("adm", "sentinel-admin"),
    ]
    assert "sentinel" not in repr(roles) + str(roles)


def test_a_database_that_refuses_is_named_without_its_password():
    with pytest.raises(Blocked, match=r"the database shop at 127\.0\.0\.1:1 refuses") as refused:
        Target.owner(SERVER).connect()

    assert "sentinel" not in refused.value.message
    assert refused.value.__cause__ is None


def test_the_validation_tells_of_a_database_that_refuses():
    fact = validation.connection(SERVER)

    assert (fact.status, fact.blocking) == ("failed", True)
    assert "refuses connections" in fact.details
    assert "sentinel" not in str(fact)


def test_a_database_that_is_not_there_yet_is_skipped_with_the_reason():
    assert validation.connection(None).status == "skipped"


@pytest.mark.xdist_group("migrations")
def test_the_validation_tells_which_revision_the_database_is_at(database, people):
    fact = validation.connection(database)

    assert (fact.status, fact.details) == ("passed", "both roles connect; revision 0001")


@pytest.mark.xdist_group("migrations")
def test_a_server_that_is_not_heard_of_is_given_up_within_half_a_minute(owner):
    with owner.connect() as connection:
        known = connection.info.get_parameters()

    silent = int(known["keepalives_idle"])
    silent += int(known["keepalives_interval"]) * int(known["keepalives_count"])
    assert silent < 30
    assert int(known["tcp_user_timeout"]) < 30_000


FULL = """\
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', DETAIL = 'ada''s address',
  MESSAGE = 'could not extend file: No space left on device'; END $$
"""


@pytest.mark.xdist_group("migrations")
@pytest.mark.parametrize(
    ("statement", "said", "section"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())", "terminating", "refuses connections"),
        (FULL, "could not extend file: No space left on device", "The disk is full"),
        ("SELECT * FROM pg_authid", "permission denied", "refuses connections"),
    ],
    ids=["cut", "full", "forbidden"],
)
def test_a_server_that_fails_while_it_is_asked_is_no_defect_of_ours(
    owner, statement, said, section
):
    with pytest.raises(Blocked) as failed, owner.connect() as connection:
        connection.execute(statement)

    assert f"the database {owner.name} at {owner.host}:{owner.port} failed: " in str(failed.value)
    assert said in failed.value.message
    assert "ada" not in failed.value.message
    assert section in failed.value.hint
    assert connection.closed


@pytest.mark.xdist_group("migrations")
def test_a_statement_that_is_wrong_is_ours_and_stays_what_it_is(owner):
    with pytest.raises(psycopg.errors.SyntaxError), owner.connect() as connection:
        connection.execute("SELEC 1")


@pytest.mark.xdist_group("migrations")
def test_who_expects_an_error_sees_it_as_the_server_told_it(owner):
    with owner.connect() as connection:
        with pytest.raises(psycopg.errors.DiskFull):
            connection.execute(FULL)

        assert connection.execute("SELECT 1").fetchone() == (1,)
