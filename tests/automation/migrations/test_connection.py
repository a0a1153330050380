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
