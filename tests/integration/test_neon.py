"""The whole way with a database at Neon: the fake API over HTTP, with real PostgreSQL behind it.

With NEON_API_KEY in the environment, and no NEON_API_URL, also with the real service.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from automation.database_lock import DatabaseLock
from automation.errors import Blocked, Busy
from automation.holder import owner
from automation.migrations.connection import Target
from clients.neon import branches, endpoints, projects
from clients.neon.transport import URL, Api, Json
from tests.integration.driver import installation
from tests.integration.ledger import PRISTINE, Ledger, Load
from tests.integration.neon import fake
from tests.integration.tiny import assert_refused, checkout

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("neon-deployed")]

ADDED = "op.execute(\"ALTER TABLE entries ADD COLUMN currency text NOT NULL DEFAULT 'EUR'\")"
DROPPED = 'op.execute("ALTER TABLE entries DROP COLUMN currency")'


@dataclass
class Deployed:
    """An installation whose database is at Neon, and that account as it really is."""

    ledger: Ledger
    api: Api

    @property
    def project(self) -> str:
        """Return the id of the project, as the stack knows it."""
        found = self.ledger.slipway.outputs("development", secrets=True)["database"]
        return str(found["neon_project"])

    def branches(self) -> list[str]:
        """Return the names of the project's branches without the deployments' ids."""
        names = [branch["name"] for branch in branches.listed(self.api, self.project)]
        return sorted(name.partition("-20")[0] for name in names)

    def seen(self) -> tuple[object, ...]:
        """Return what there is: branches at Neon, what the stack says, and what runs."""
        slipway = self.ledger.slipway
        ids = sorted(branch["id"] for branch in branches.listed(self.api, self.project))
        outputs = slipway.outputs("development", secrets=True)
        return ids, outputs, slipway.programs("development")

    def endpoint(self) -> Json:
        """Return the compute of the branch `main`."""
        main = branches.default(self.api, self.project)["id"]
        return endpoints.of_branch(self.api, self.project, main) or {}


@contextmanager
def real() -> Iterator[dict[str, str]]:
    """Give the real service's key, or skip with the reason."""
    key = os.environ.get("NEON_API_KEY", "")
    if not key or os.environ.get("NEON_API_URL"):
        pytest.skip("no NEON_API_KEY in the environment: not seen against the real service")
    yield {"NEON_API_KEY": key, "NEON_API_URL": URL}


@pytest.fixture(scope="module", params=[fake, real], ids=["fake", "real"])
def deployed(request: pytest.FixtureRequest) -> Iterator[Deployed]:
    with request.param() as variables, installation() as slipway:
        slipway.checkout = checkout(slipway.folder / "checkout")
        slipway.variables.update(variables)
        application = slipway.folder / "ledger"
        shutil.copytree(PRISTINE, application, ignore=shutil.ignore_patterns("__pycache__"))
        made = Ledger(slipway, application)
        organization = os.environ.get("NEON_ORG_ID", "")
        made.settings(
            databasePlatform="neon", neonOrganization=organization, healthTimeoutSeconds="60"
        )
        made("up", "development").ok()
        yield Deployed(made, Api(variables["NEON_API_KEY"], variables["NEON_API_URL"]))


def test_the_application_comes_by_the_pooler_and_migrations_do_not(deployed: Deployed) -> None:
    output = deployed.ledger.slipway.outputs("development", secrets=True)["database"]
    programs = deployed.ledger.slipway.run_folder("development") / "programs"
    started = "\n".join(file.read_text() for file in programs.iterdir())

    assert output["host"] != output["direct_host"]
    assert f"@{output['host']}:{output['port']}/" in started
    assert f"@{output['direct_host']}:" not in started
    assert deployed.branches() == ["main"]
    number = deployed.ledger.book(amount=1, memo="the first")
    assert deployed.ledger.ask("SELECT memo FROM entries WHERE id = %s", number) == [("the first",)]


def test_the_key_is_nowhere(deployed: Deployed) -> None:
    key = deployed.ledger.slipway.variables["NEON_API_KEY"]

    def holding(text: str) -> list[Path]:
        return [
            file
            for file in deployed.ledger.home.rglob("*")
            if file.is_file()
            and "artifacts" not in file.parts
            and text.encode() in file.read_bytes()
        ]

    assert holding(deployed.ledger.release), "what is written down is found"
    assert holding(key) == []


def test_who_deploys_from_another_machine_is_named_and_waited_for(deployed: Deployed) -> None:
    database = deployed.ledger.slipway.outputs("development", secrets=True)["database"]
    elsewhere = DatabaseLock(
        Target.owner(database), "development", "slipway rollback development", print
    )
    elsewhere.take()
    told = f"slipway rollback by {owner()}, process {os.getpid()}, since "

    refused = deployed.ledger("up", "development")
    seen = deployed.ledger("status", "development", "--json").json
    elsewhere.close()

    assert_refused(refused, Busy.exit_code, f"development is being deployed elsewhere: {told}")
    assert seen["deploying"].startswith(told)
    assert deployed.ledger("status", "development", "--json").ok().json["deploying"] is None


def test_what_somebody_changed_in_the_console_is_seen(deployed: Deployed) -> None:
    endpoint = deployed.endpoint()
    endpoints.update(
        deployed.api, deployed.project, endpoint["id"], {"autoscaling_limit_max_cu": 2}
    )

    refresh = ("refresh", "--yes", "-s", "development")
    refreshed = deployed.ledger.slipway.pulumi("development", *refresh).ok()

    updated = [line for line in refreshed.stdout.splitlines() if " updated" in line]
    assert [line for line in updated if "application-database-" in line] == [
        line for line in updated if "application-database-endpoint" in line
    ]
    assert any("application-database-endpoint" in line for line in updated), refreshed


def test_a_new_revision_is_backed_up_rehearsed_and_applied_under_load(deployed: Deployed) -> None:
    ledger = deployed.ledger
    ledger.revise("0002", "0001", ADDED, DROPPED)
    ledger.code(("amount", "memo", "currency"))

    with Load(ledger) as load:
        ledger("up", "development").ok()

    assert load.failures == {}, load.answers
    found = ledger.report()["evidence"]["migration"]
    assert found["backup"]["id"].startswith("slipway-backup-")
    assert found["backup"]["verified"] is True
    assert found["rehearsal"]["downgrade_problem"] == ""
    assert found["tolerance"]["tolerated"] == "yes"
    ledger.is_well(ledger.release, "0002")
    assert deployed.endpoint()["autoscaling_limit_max_cu"] == 1, "it was put back"
    # the copy of the rehearsal is gone
    assert deployed.branches() == ["main", "slipway-backup"]


def test_a_restore_keeps_the_address_and_what_it_replaced(deployed: Deployed) -> None:
    ledger = deployed.ledger
    before = ledger.slipway.outputs("development", secrets=True)["database"]
    number = ledger.book(amount=6, memo="after the backup", currency="CHF")

    ledger("rollback", "development", "--database", "restore", "--yes").ok()

    assert ledger.slipway.outputs("development", secrets=True)["database"] == before
    ledger.is_well(ledger.release, "0001")
    assert ledger.ask("SELECT 1 FROM entries WHERE id = %s", number) == []
    assert "slipway-replaced" in deployed.branches()


def test_without_the_key_it_is_said_what_to_set_and_nothing_is_touched(deployed: Deployed) -> None:
    before = deployed.seen()
    variables = deployed.ledger.slipway.variables
    deployed.ledger.slipway.variables = {**variables, "NEON_API_KEY": ""}

    ran = deployed.ledger("up", "development")

    deployed.ledger.slipway.variables = variables
    assert deployed.seen() == before
    told = ("NEON_API_KEY is not set", "Set NEON_API_KEY to a key from Neon's console")
    assert_refused(ran, Blocked.exit_code, *told)


def test_destroy_says_what_it_lacks_and_leaves_nothing_when_it_has_it(deployed: Deployed) -> None:
    project = deployed.project
    variables = deployed.ledger.slipway.variables
    without = {**variables, "NEON_API_KEY": ""}

    deployed.ledger.slipway.variables = without
    refused = deployed.ledger("destroy", "development", "--yes")
    deployed.ledger.slipway.variables = variables

    assert refused.code != 0
    assert "NEON_API_KEY is not set" in refused.stderr, refused
    assert projects.get(deployed.api, project) is not None

    deployed.ledger("destroy", "development", "--yes").ok()

    assert projects.get(deployed.api, project) is None
    if deployed.api.url != URL:
        state = httpx.get(
            deployed.api.url.replace("/api/v2", "/_fake/state"),
            headers={
                "authorization": f"Bearer {deployed.ledger.slipway.variables['NEON_API_KEY']}"
            },
        ).json()
        assert state["projects"] == {}
