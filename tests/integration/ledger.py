"""The ledger, deployed with data in its table, and changed revision by revision."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from automation.probes.client import public_client
from tests.integration.driver import installation
from tests.integration.tiny import QUICK, Tiny, checkout

PRISTINE = Path(__file__).parents[1] / "fixtures" / "apps" / "ledger"
SEED = """\
INSERT INTO entries (amount, memo)
SELECT n %% 1000, 'entry number ' || n FROM generate_series(1, %s) n
"""


@dataclass
class Ledger(Tiny):
    """An installation and a ledger to change."""

    def code(self, columns: tuple[str, ...] = ("amount", "memo"), condition: str = "well") -> None:
        """Change what the release reads and writes."""
        text = (PRISTINE / "server.py").read_text()
        text = text.replace('("amount", "memo")', repr(columns))
        text = text.replace('CONDITION = "well"', f'CONDITION = "{condition}"')
        (self.application / "server.py").write_text(text)
        document = PRISTINE / "specs/deployment/ledger.md"
        (self.application / "specs/deployment/ledger.md").write_text(
            document.read_text().replace("amount: 7", f"{columns[0]}: 7")
        )

    def revise(self, name: str, after: str, up: str, down: str = "pass", head: str = "") -> None:
        """Write a revision; `up` and `down` are the bodies of its functions."""
        (self.application / "alembic" / "versions" / f"{name}_more.py").write_text(
            f'"""Change {name}."""\nimport os\nfrom alembic import op\n{head}\n'
            f"revision, down_revision = {name!r}, {after!r}\n"
            f"def upgrade():\n    {up}\ndef downgrade():\n    {down}\n"
        )

    def unrevise(self, name: str) -> None:
        """Take a revision out of the sources."""
        (self.application / "alembic" / "versions" / f"{name}_more.py").unlink(missing_ok=True)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """Connect to the live database as the schema's owner."""
        found = self.slipway.outputs("development", secrets=True)["database"]
        with psycopg.connect(
            host=found["host"],
            port=found["port"],
            dbname=found["name"],
            user=found["owner"],
            password=found["owner_password"],
            application_name="a person",
            autocommit=True,
        ) as connection:
            yield connection

    def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement on the live database."""
        with self.connection() as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def book(self, **entry: object) -> int:
        """Book an entry through the public address; return its number."""
        found = self.status()
        with public_client(found["url"], found["ca_certificate"]) as client:
            answer = client.post("/api/entries", json=entry)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def report(self) -> dict[str, Any]:
        """Return the latest report."""
        return dict(self("report", "development", "--json").json["deployment_report"])

    @property
    def release(self) -> str:
        """Return the id of the release that is live."""
        return str(self.status()["release"])

    def is_well(self, release: str, head: str) -> None:
        """See that a release serves from the schema that it should, nothing unfinished."""
        found = self.status()
        assert (found["release"], found["healthy"], found["unfinished"]) == (release, True, None)
        assert found["alembic_head"] == head
        assert self.ask("SELECT version_num FROM alembic_version") == [(head,)]


class Load:
    """Reads and writes all the time, each on a new row; every answer that is no success counts."""

    def __init__(self, ledger: Ledger, column: str = "amount", pause: float = 0.02) -> None:
        found = ledger.status()
        self._client = public_client(found["url"], found["ca_certificate"], timeout=60)
        self._column, self._pause = column, pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.answers: Counter[str] = Counter()
        self.booked: list[int] = []

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._client.close()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._ask("GET", "/api/entries/1", None)
            made = self._ask("POST", "/api/entries", {self._column: 1, "memo": "load"})
            if made is not None:
                self.booked.append(int(made["id"]))
            time.sleep(self._pause)

    def _ask(self, method: str, path: str, body: Any) -> dict[str, Any] | None:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers["ok" if answer.status_code < 300 else str(answer.status_code)] += 1
        return dict(answer.json()) if answer.status_code < 300 else None

    @property
    def failures(self) -> dict[str, int]:
        """Return what went wrong, counted."""
        return {kind: n for kind, n in self.answers.items() if kind != "ok"}


@contextmanager
def undeployed() -> Iterator[Ledger]:
    """Give a ledger of which nothing is deployed yet."""
    with installation() as slipway:
        slipway.checkout = checkout(slipway.folder / "checkout")
        application = slipway.folder / "ledger"
        shutil.copytree(PRISTINE, application, ignore=shutil.ignore_patterns("__pycache__"))
        made = Ledger(slipway, application)
        quick = {key.removeprefix("slipway:"): value for key, value in QUICK.items()}
        made.settings(**quick)
        try:
            yield made
        finally:
            made.settings()


@contextmanager
def ledger(rows: int) -> Iterator[Ledger]:
    """Give a ledger that is deployed, with as many rows as are asked for."""
    with undeployed() as made:
        made("up", "development").ok()
        made.ask(SEED, rows)
        made.ask("ANALYZE entries")
        yield made
