"""A contraction that is cut short is said to be outstanding, and finished by the next `up`."""

import signal
from collections.abc import Iterator

import pytest

from automation.errors import DeploymentFailed, Interrupted
from tests.integration.driver import Ran, eventually
from tests.integration.ledger import Ledger, ledger
from tests.integration.tiny import plain

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("contractions")]
ROWS = 1000
SLEEP = """\
if not os.environ["DATABASE_URL"].endswith("_copy"): op.execute("SELECT pg_sleep(20)")
    """
LATER = 'slipway = {"phase": "contract"}'


@pytest.fixture(scope="module")
def deployed() -> Iterator[Ledger]:
    with ledger(ROWS) as made:
        made.settings(healthTimeoutSeconds="60")
        yield made


def contracting(made: Ledger, name: str, after: str, column: str, before: str = "") -> None:
    """Write an expanding revision, and a contracting one that drops a column `before` which it
    does something else."""
    more, less = f"ADD COLUMN c{name} int", f"DROP COLUMN c{name}"
    if column == "memo":  # the new release does not write it any more
        more, less = f"{more}, ALTER memo SET DEFAULT ''", f"{less}, ALTER memo DROP DEFAULT"
    made.revise(
        f"{name}a",
        after,
        f'op.execute("ALTER TABLE entries {more}")',
        f'op.execute("ALTER TABLE entries {less}")',
    )
    made.revise(
        f"{name}b",
        f"{name}a",
        f'{before}op.execute("ALTER TABLE entries DROP COLUMN {column}")',
        f"op.execute(\"ALTER TABLE entries ADD COLUMN {column} text NOT NULL DEFAULT ''\")",
        head=LATER,
    )


def up_while_somebody_reads(made: Ledger) -> Ran:
    """Deploy with a transaction that reads the table, and does not end, from the contraction on."""
    known = frozenset(made.deployments())
    impatient = {"databaseLockTimeoutSeconds": "3", "databaseLockRetries": "0"}
    made.settings(healthTimeoutSeconds="60", **impatient)
    with made.connection() as slow:  # there before it is needed: to find it takes a while
        process = made.slipway.start("up", "development")
        for step in ("migrate", "roll_out", "verify", "contract"):  # each with its own patience
            made.saw(step, beside=known)
        slow.autocommit = False
        slow.execute("SELECT count(*) FROM entries")
        ran = plain(made.slipway.end(process))
    made.settings(healthTimeoutSeconds="60")
    return ran


def rows(made: Ledger) -> int:
    return int(made.ask("SELECT count(*) FROM entries")[0][0])


def test_a_contraction_that_gets_no_lock_is_outstanding_and_the_next_up_finishes_it(
    deployed: Ledger,
):
    before = rows(deployed)
    contracting(deployed, "0002", "0001", "memo")
    deployed.code(("amount",))

    ran = up_while_somebody_reads(deployed)

    assert ran.code == DeploymentFailed.exit_code, ran
    assert "the next `./slipway up development` of the same sources applies it" in ran.stderr
    found = deployed.report()["evidence"]["migration"]
    assert (found["applied"], found["contracted"]) == (["0002a"], [])
    assert found["rehearsal"]["seconds"].keys() == {"0002a", "0002b"}
    deployed.is_well(release := deployed.release, "0002a")
    assert deployed.status()["contracting"] == ["0002b"]
    assert "outstanding: 0002b" in deployed("status", "development").stdout
    assert deployed("preview", "development", "--json").json["contracting"] == ["0002b"]

    ran = deployed("up", "development").ok()

    assert "without a reason" not in ran.stderr, "the report explains what it lacks"
    deployed.is_well(release, "0002b")
    assert rows(deployed) >= before
    assert deployed.status()["contracting"] == []
    assert deployed.report()["evidence"]["migration"]["contracted"] == ["0002b"]
    assert deployed("history", "development", "--json").json[0]["backup"]
    deployed("up", "development").ok()
    assert deployed.report()["overall_status"]["outcome"] == "unchanged"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "terminated"])
def test_a_contraction_whose_driver_is_stopped_is_finished_by_the_next_up(
    deployed: Ledger, number: signal.Signals
):
    before, name = rows(deployed), {signal.SIGKILL: "0003"}.get(number, "0004")
    contracting(deployed, name, f"000{int(name) - 1}b", f"c000{int(name) - 1}", SLEEP)
    deployed.code(("amount",), f"well {name}")
    known = frozenset(deployed.deployments())
    process = deployed.slipway.start("up", "development")
    for step in ("migrate", "roll_out", "verify"):
        deployed.saw(step, beside=known)
    deployed.saw("contract", "migrating to", beside=known)
    ran = deployed.slipway.end(process, number)
    eventually(lambda: deployed.status()["healthy"], what="the new release serves")
    if number == signal.SIGTERM:  # Alembic of a driver that was killed may go on for a while
        assert ran.code == Interrupted.exit_code, ran
        assert deployed.status()["contracting"] == [f"{name}b"]

    deployed("up", "development").ok()

    deployed.is_well(deployed.release, f"{name}b")
    assert rows(deployed) >= before
    assert deployed.status()["contracting"] == []


def test_a_release_that_follows_an_outstanding_contraction_applies_it_first(deployed: Ledger):
    contracting(deployed, "0005", "0004b", "c0004")
    deployed.code(("amount",), "well 0005")
    up_while_somebody_reads(deployed).ok(DeploymentFailed.exit_code)
    contracting(deployed, "0006", "0005b", "c0005")
    deployed.code(("amount",), "well 0006")

    deployed("up", "development").ok()

    deployed.is_well(deployed.release, "0006b")
    found = deployed.report()["evidence"]["migration"]
    assert found["applied"] == ["0005b", "0006a", "0006b"]
    assert found["contracted"] == ["0006b"]
