"""A release is started for real, with a copy of a real database, and asked as users would."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from automation.databases.base import Roles
from automation.migrations.tolerance import Trial, try_release
from automation.specification.models import Backend, Specification
from automation.specification.models import Flow as SmokeFlow
from components.contract.release import Artifact
from tests.doubles.releases import release

pytestmark = pytest.mark.xdist_group("migrations")
SERVER = """\
import os, json, psycopg
from http.server import BaseHTTPRequestHandler, HTTPServer
CONNECTION = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            rows = CONNECTION.execute("SELECT name FROM people ORDER BY id").fetchall()
            status, body = 200, {"names": [name for name, in rows], "host": self.headers["host"]}
        except psycopg.Error as error:
            status, body = 500, {"detail": os.environ["DATABASE_URL"]}
        if self.path == "/health":
            status = 200
        print(self.path, os.environ["DATABASE_URL"], flush=True)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
FLOW = SmokeFlow.model_validate(
    {
        "name": "names",
        "category": "integration",
        "steps": [
            {
                "request": "GET /api/people",
                "expect": {"json": {"names[0]": "ada", "host": "tiny.localhost"}},
            },
            {"query": "SELECT count(*) FROM people", "rows": [[2]]},
        ],
    }
)
PAGE = SmokeFlow.model_validate(
    {"name": "page", "category": "pages", "steps": [{"request": "GET /about"}]}
)


@pytest.fixture
def trial(tmp_path) -> Trial:
    (tmp_path / "server.py").write_text(SERVER)
    artifact = Artifact(
        kind="python",
        digest="d",
        checksum="c",
        path=str(tmp_path),
        command=(sys.executable, "server.py"),
        variables={
            "DATABASE_URL": "host=${database.host} port=${database.port} "
            "dbname=${database.name} user=${database.user} password=${database.password}"
        },
        route="/api",
        strip_route=True,
        health_path="/health",
        start_seconds=30,
    )
    return Trial(
        release=release("old", "backend").model_copy(update={"backend": artifact}),
        specification=Specification(name="tiny", backend=Backend(start="true"), smoke=(FLOW, PAGE)),
        values={},
        log=tmp_path / "trial.log",
        clean=lambda text: text.replace("sentinel-database-password", "REDACTED"),
        public="tiny.localhost",
    )


@pytest.fixture
def copy(database, people, admin) -> Roles:
    with admin.connect() as connection:
        connection.execute("GRANT SELECT ON people TO app")
    return Roles.of(database)


def test_a_release_that_serves_its_flows_lives_with_the_schema(trial, copy):
    found = try_release(trial, copy)

    assert found.tolerated is True, found
    assert found.reason == (
        "old is healthy and 1 of its smoke flows pass; 1 need more than the backend"
    )
    assert [(check.name, check.status) for check in found.checks] == [
        ("health", "passed"),
        ("names", "passed"),
    ]
    assert "sentinel" not in trial.log.read_text()


def test_a_release_whose_flows_fail_does_not_and_no_secret_is_told(trial, copy):
    with copy.owner.connect() as connection:
        connection.execute("ALTER TABLE people RENAME COLUMN name TO called")

    found = try_release(trial, copy)

    assert found.tolerated is False
    assert "names: step 1" in found.reason
    assert "sentinel" not in repr(found)


def test_a_release_that_dies_at_its_start_does_not(trial, copy):
    (Path(trial.release.backend.path) / "server.py").write_text("raise SystemExit('no planet')")

    found = try_release(trial, copy)

    assert found.tolerated is False
    assert "no planet" in found.reason


@pytest.mark.parametrize("why", ["no backend", "no artifact", "no flow"])
def test_what_cannot_be_seen_is_unknown_with_the_reason(trial, copy, why):
    if why == "no backend":
        trial = replace(trial, release=release("old", "frontend"))
    elif why == "no artifact":
        trial = replace(trial, release=release("old"))
    else:
        bare = trial.specification.model_copy(update={"smoke": (PAGE,)})
        trial = replace(trial, specification=bare)

    found = try_release(trial, copy)

    assert found.tolerated is None
    assert {
        "no backend": "no backend that could be tried",
        "no artifact": "is not on this machine",
        "no flow": "health alone proves nothing",
    }[why] in found.reason
