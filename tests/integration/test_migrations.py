"""Release, schema and the way back together, on a real database with data and load."""

import os
import signal
from collections.abc import Iterator

import pytest

from automation.errors import Blocked, RolledBack
from tests.integration.driver import eventually
from tests.integration.ledger import Ledger, Load, ledger

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("ledger")]
ROWS = int(os.environ.get("SLIPWAY_TEST_ROWS", "100000"))
"""A million, where there is time: `SLIPWAY_TEST_ROWS=1000000`."""
MOMENTS = ["rehearsing on the copy", "migrating to"]
if "SLIPWAY_TEST_ROWS" in os.environ:
    MOMENTS += ["restoring the backup", "switch backend"]


@pytest.fixture(scope="module")
def deployed() -> Iterator[Ledger]:
    with ledger(ROWS) as made:
        yield made


def rows(made: Ledger) -> int:
    return int(made.ask("SELECT count(*) FROM entries")[0][0])


def test_a_new_revision_is_rehearsed_on_the_data_and_no_request_fails(deployed: Ledger):
    old = deployed.release
    deployed.revise(
        "0002",
        "0001",
        "op.execute(\"ALTER TABLE entries ADD COLUMN currency text NOT NULL DEFAULT 'EUR'\")",
        'op.execute("ALTER TABLE entries DROP COLUMN currency")',
    )
    deployed.code(("amount", "memo", "currency"))

    with Load(deployed) as load:
        ran = deployed("up", "development").ok()

    assert load.failures == {}, load.answers
    assert len(load.booked) > 10
    assert rows(deployed) > ROWS
    deployed.is_well(deployed.release, "0002")
    assert f"{old} lives with the schema 0002: yes" in ran.stderr
    found = deployed.report()["evidence"]["migration"]
    assert found["backup"]["verified"] is True
    assert found["backup"]["rows"] >= ROWS
    assert found["rehearsal"]["seconds"].keys() == {"0002"}
    assert found["rehearsal"]["downgrade_problem"] == ""
    assert found["tolerance"] == {
        "release": old,
        "tolerated": "yes",
        "reason": found["tolerance"]["reason"],
        "checks": {"health": "passed", "it books and shows": "passed"},
    }
    assert deployed("history", "development", "--json").json[0]["backup"]


def test_a_rollback_keeps_the_schema_where_the_old_release_is_known_to_live_with_it(
    deployed: Ledger,
):
    new = deployed.release
    number = deployed.book(amount=5, memo="written by the new", currency="USD")

    ran = deployed("rollback", "development").ok()

    assert "schema: keep (proven at" in ran.stderr
    assert "the schema stays at 0002, with all of its data" in ran.stderr
    deployed.is_well(deployed.release, "0002")
    assert deployed.release != new
    assert deployed.ask("SELECT currency FROM entries WHERE id = %s", number) == [("USD",)]

    deployed("rollback", "development").ok()
    deployed.is_well(new, "0002")


def test_a_rollback_with_downgrade_takes_the_columns_and_keeps_every_row(deployed: Ledger):
    new = deployed.release
    number = deployed.book(amount=6, memo="kept", currency="CHF")
    before = rows(deployed)

    ran = deployed("rollback", "development", "--database", "downgrade").ok()

    assert "entries.currency" in ran.stderr
    assert "the backup of before has them" in ran.stderr
    deployed.is_well(deployed.release, "0001")
    assert rows(deployed) >= before, "smoke flows book too"
    assert deployed.ask("SELECT amount, memo FROM entries WHERE id = %s", number) == [(6, "kept")]

    deployed("rollback", "development", "--to", new).ok()
    deployed.is_well(new, "0002")


def test_a_rollback_with_restore_says_first_what_is_lost_and_loses_just_that(deployed: Ledger):
    new = deployed.release
    numbers = [deployed.book(amount=8, memo="lost", currency="EUR") for _ in range(3)]

    refused = deployed("rollback", "development", "--database", "restore")

    assert refused.code == Blocked.exit_code, refused
    assert "rows would be lost: rows lost: entries" in refused.stderr
    assert "--yes" in refused.stderr
    deployed.is_well(new, "0002")
    announced = int(refused.stderr.split("rows lost: entries ")[1].split(" ")[0])
    before = rows(deployed)

    ran = deployed("rollback", "development", "--database", "restore", "--yes").ok()

    deployed.is_well(deployed.release, "0001")
    assert deployed.ask("SELECT id FROM entries WHERE id = ANY(%s)", numbers) == []
    flows = deployed.ask("SELECT count(*) FROM entries WHERE amount = 7 AND length(memo) = 12")
    assert before - rows(deployed) + int(flows[0][0]) >= announced >= 3
    assert "_replaced_" in ran.stderr
    deployed.unrevise("0002")
    deployed.code()


RENAME = (
    'op.execute("ALTER TABLE entries RENAME COLUMN amount TO cents")',
    'op.execute("ALTER TABLE entries RENAME COLUMN cents TO amount")',
)


def test_what_the_old_release_cannot_live_with_is_refused_without_downtime(deployed: Ledger):
    old = deployed.release
    deployed.revise("0002", "0001", *RENAME)
    deployed.code(("cents", "memo"))

    with Load(deployed) as load:
        ran = deployed("up", "development")

    assert ran.code == RolledBack.exit_code, ran
    assert f"{old} lives with the schema 0002: no" in ran.stderr
    assert "the old release failed on the new schema in the rehearsal" in ran.stderr
    assert load.failures == {}, load.answers
    deployed.is_well(old, "0001")


def test_with_downtime_it_is_deployed_and_the_way_back_is_a_downgrade(deployed: Ledger):
    old = deployed.release
    deployed.settings(strategy="recreate", healthTimeoutSeconds="60")

    ran = deployed("up", "development").ok()

    assert "op.execute" not in ran.stderr
    deployed.is_well(deployed.release, "0002")
    assert (
        "goes from 0002 down to 0001 first"
        in (deployed.deployments()[-1] / "rollback-plan.md").read_text()
    )
    number = deployed.ask("SELECT max(id) FROM entries")[0][0]
    assert "schema: downgrade (refuted at" in deployed("rollback", "development").ok().stderr
    deployed.is_well(old, "0001")
    assert deployed.ask("SELECT count(*) FROM entries WHERE id = %s", number) == [(1,)]
    deployed.unrevise("0002")
    deployed.settings(healthTimeoutSeconds="30")
    deployed.code()


def test_what_only_the_old_release_uses_goes_when_that_is_gone(deployed: Ledger):
    old, before = deployed.release, rows(deployed)
    deployed.revise(
        "0002",
        "0001",
        "op.execute(\"ALTER TABLE entries ALTER memo SET DEFAULT ''\")",
        'op.execute("ALTER TABLE entries ALTER memo DROP DEFAULT")',
    )
    deployed.revise(
        "0003",
        "0002",
        'op.execute("ALTER TABLE entries DROP COLUMN memo")',
        "op.execute(\"ALTER TABLE entries ADD COLUMN memo text NOT NULL DEFAULT ''\")",
        head='slipway = {"phase": "contract"}',
    )
    deployed.code(("amount",))

    with Load(deployed) as load:
        ran = deployed("up", "development").ok()

    assert load.failures == {}, load.answers
    assert f"{old} lives with the schema 0002: yes" in ran.stderr
    assert f"{deployed.release} lives with the schema 0003: yes" in ran.stderr
    deployed.is_well(deployed.release, "0003")
    assert rows(deployed) >= before
    assert deployed.report()["evidence"]["migration"]["contracted"] == ["0003"]
    green_and_blue = [n for n in deployed.slipway.programs("development") if "backend" in n]
    assert len(green_and_blue) == 1, "the old slot is drained"

    assert "schema: downgrade" in deployed("rollback", "development").ok().stderr
    deployed.is_well(old, "0001")
    for name in ("0002", "0003"):
        deployed.unrevise(name)
    deployed.code()


SLOW = """\
op.execute("CREATE TABLE later (id int)")
    if not os.environ["DATABASE_URL"].endswith("_copy"): op.execute("SELECT pg_sleep(30)")"""


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_driver_killed_at_any_moment_leaves_the_old_release_and_every_row(
    deployed: Ledger, moment: str
):
    old, before = deployed.release, rows(deployed)
    slow = moment == "migrating to"
    up = SLOW if slow else 'op.execute("CREATE TABLE later (id int)")'
    deployed.revise("0002", "0001", up, 'op.execute("DROP TABLE later")')
    deployed.code(("amount", "memo"), "well" if slow else "other")
    known = frozenset(deployed.deployments())
    process = deployed.slipway.start("up", "development")
    deployed.saw("roll_out" if moment.startswith("switch") else "migrate", moment, beside=known)
    deployed.slipway.end(process, signal.SIGKILL)
    eventually(lambda: deployed.status()["healthy"], what="the old release serves")
    deployed.unrevise("0002")
    deployed.code()

    ran = deployed("rollback", "development").ok()

    assert "was left unfinished" in ran.stderr
    deployed.is_well(old, "0001" if moment != "switch backend" else found_head(deployed))
    assert rows(deployed) >= before
    put_back(deployed)


def found_head(deployed: Ledger) -> str:
    return str(deployed.status()["alembic_head"])


def put_back(deployed: Ledger) -> None:
    """Have the schema at 0001 again for the next test, where it was proven that it can stay."""
    with deployed.connection() as connection:
        connection.execute("DROP TABLE IF EXISTS later")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
