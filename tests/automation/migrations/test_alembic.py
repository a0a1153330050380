from dataclasses import replace

import pytest

from automation.errors import DeploymentFailed
from automation.migrations.revision import current
from tests.automation.migrations.conftest import PASSWORD

pytestmark = pytest.mark.xdist_group("migrations")


def test_an_empty_database_is_at_no_revision_and_one_after_alembic_at_its_head(alembic, owner):
    assert current(owner) is None

    alembic.upgrade(owner)

    assert current(owner) == "0002"
    assert "$ alembic upgrade head" in alembic.log.read_text()


def test_a_migration_that_fails_is_told_with_the_end_of_its_log_and_without_secrets(
    alembic, owner, people, revise
):
    revise("0003", "0002", "raise ValueError(os.environ['DB_PASSWORD'])")

    with pytest.raises(DeploymentFailed, match=f"upgrade head failed on {owner.name}") as failed:
        alembic.upgrade(owner)

    assert "ValueError: REDACTED" in failed.value.details[-1]
    assert str(alembic.log) in failed.value.hint
    assert PASSWORD not in alembic.log.read_text() + str(failed.value.details)


def test_where_in_its_code_a_migration_failed_is_for_the_log_alone(alembic, owner, people, revise):
    said = []
    alembic = replace(alembic, progress=said.append)
    revise("0003", "0002", "op.execute('SELECT nothing')")

    with pytest.raises(DeploymentFailed) as failed:
        alembic.upgrade(owner)

    told = "\n".join([*failed.value.details, *said])
    assert 'column "nothing" does not exist' in told
    assert "[SQL: SELECT nothing]" in told
    for place in ("Traceback", "File ", "The above exception"):
        assert place not in told
        assert place in alembic.log.read_text()
