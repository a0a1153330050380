"""Two applications with conventions that are not the example's deploy after `slipway init`."""

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from automation.probes.client import public_client
from tests.fixtures.apps import prepare
from tests.integration.driver import Ran, Slipway, installation
from tests.integration.tiny import plain

pytestmark = pytest.mark.integration
SPECIFICATION = "specs"


@dataclass
class Foreign:
    """A foreign application after `init` and `up`."""

    slipway: Slipway
    application: Path
    sources: dict[str, str]
    init: Ran
    up: Ran

    def client(self) -> httpx.Client:
        """Return a client of the public address that verifies its certificate."""
        outputs = self.slipway.outputs("development")
        return public_client(outputs["public_url"], outputs["ca_certificate"])


def deployed(name: str) -> Iterator[Foreign]:
    """Inspect and deploy a copy of an application; see afterwards that it was left alone."""
    with installation() as slipway:
        application = prepare.copy(name, slipway.folder)
        prepare.lock(application, uv=str(Path(sys.executable).with_name("uv")))
        sources = checksums(application)
        init = plain(slipway("init", "--app", application)).ok()
        up = plain(slipway("up", "development", "--app", application)).ok()
        yield Foreign(slipway, application, sources, init, up)


@pytest.fixture(scope="module")
def storefront() -> Iterator[Foreign]:
    yield from deployed("storefront")


@pytest.fixture(scope="module")
def notes() -> Iterator[Foreign]:
    yield from deployed("notes")


def checksums(application: Path) -> dict[str, str]:
    """Return a checksum of every file outside the specification, by its path."""
    files = (path for path in application.rglob("*") if path.is_file() or path.is_symlink())
    return {
        str(path.relative_to(application)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.relative_to(application).parts[0] != SPECIFICATION
    }


def holding(folder: Path, *texts: str) -> list[tuple[str, str]]:
    """List the files under a folder that hold one of the texts."""
    wanted = [text.encode() for text in texts]
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            found += [(str(path), text.decode()) for text in wanted if text in content]
    return found


def assert_deploys_again_without_a_change(foreign: Foreign) -> None:
    programs = foreign.slipway.programs("development")
    again = plain(foreign.slipway("up", "development", "--app", foreign.application)).ok()
    assert "Unchanged" in again.stdout
    assert foreign.slipway.programs("development") == programs


@pytest.mark.xdist_group("storefront")
class TestAMonorepoWithNextAndPnpm:
    """DATABASE_URL, no Alembic, a main.py without a package, routes without a prefix."""

    def test_its_pages_load(self, storefront: Foreign):
        assert "Deployed" in storefront.up.stdout
        with storefront.client() as client:
            home, stock = client.get("/"), client.get("/stock")
            products = client.get("/api/products").json()

        assert home.status_code == stock.status_code == 200
        assert "Storefront" in home.text
        # the server renders it, with comments between the pieces of a text
        seen = re.sub(r"<!--.*?-->", "", stock.text)
        assert [product["name"] for product in products] == ["Lantern", "Rope"]
        assert all(f"{product['name']}: {product['stock']}</li>" in seen for product in products)

    def test_its_api_reads_and_writes_the_database(self, storefront: Foreign):
        with storefront.client() as client:
            before = client.get("/api/products")
            first = before.json()[0]
            placed = client.post("/api/orders", json={"product": first["id"], "quantity": 2})
            after = client.get("/api/products").json()[0]

        assert before.status_code == 200
        assert placed.status_code == 201
        assert after["stock"] == first["stock"] - 2

    def test_its_browser_code_knows_the_public_address(self, storefront: Foreign):
        url = storefront.slipway.outputs("development")["api_url"]
        with storefront.client() as client:
            page = client.get("/").text
            scripts = [part.split('"')[0] for part in page.split('src="')[1:]]
            code = [client.get(script).text for script in scripts if script.endswith(".js")]

        assert any(url in text for text in code)

    def test_deploying_again_changes_nothing(self, storefront: Foreign):
        assert_deploys_again_without_a_change(storefront)

    def test_nothing_of_it_changed_and_no_credential_was_copied(self, storefront: Foreign):
        assert_left_alone(
            storefront, "sentinel-storefront-session", "sk_test_sentinel51storefront8Zq2Lx"
        )
        assert ".env.example:3: SESSION_SECRET looks like a credential" in storefront.init.stdout
        assert "STRIPE_API_KEY looks like a credential" in storefront.init.stdout


@pytest.mark.xdist_group("notes")
class TestAViteAppWithUv:
    """POSTGRES_* variables, uv, a source layout, Alembic in an unusual place, static files."""

    def test_its_page_loads(self, notes: Foreign):
        assert "Deployed" in notes.up.stdout
        with notes.client() as client:
            page, anywhere = client.get("/"), client.get("/some/page")

        assert page.status_code == anywhere.status_code == 200
        assert page.text == anywhere.text
        assert 'type="module"' in page.text

    def test_its_api_reads_and_writes_the_migrated_database(self, notes: Foreign):
        with notes.client() as client:
            health = client.get("/api/health")
            added = client.post("/api/notes", json={"text": "buy milk"})
            listed = client.get("/api/notes")

        assert health.status_code == listed.status_code == 200
        assert added.status_code == 201
        assert added.json() in listed.json()

    def test_its_migrations_were_applied(self, notes: Foreign):
        status = notes.slipway("status", "development", "--json").ok().json
        assert status["alembic_head"] == "8e52b6d40c13"

    def test_deploying_again_changes_nothing(self, notes: Foreign):
        assert_deploys_again_without_a_change(notes)

    def test_nothing_of_it_changed_and_no_credential_was_copied(self, notes: Foreign):
        assert_left_alone(notes, "sentinel-notes-pw", "sentinel-notes-pw-52d9c7")
        assert "POSTGRES_PASSWORD looks like a credential" in notes.init.stdout


def assert_left_alone(foreign: Foreign, *credentials: str) -> None:
    """See that the sources are as they were, and that nothing written holds a credential."""
    assert checksums(foreign.application) == foreign.sources
    specification = foreign.application / SPECIFICATION
    assert list(specification.rglob("*.md"))
    assert holding(specification, *credentials) == []
    assert holding(foreign.slipway.home, *credentials) == []
    for ran in (foreign.init, foreign.up):
        assert not any(text in ran.stdout + ran.stderr for text in credentials)
