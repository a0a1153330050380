"""The reference application from its first deployment to its way back."""

import http.client
import json
import os
import re
import ssl
import stat
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import jsonschema
import psutil
import pytest
import yaml

from automation.reports.model import DeploymentReport
from automation.reports.nulls import unexplained
from automation.reports.schema import PUBLISHED
from components.contract.outputs import RELEASE_HEADER
from tests.integration.driver import commit, eventually
from tests.integration.people import visitor

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("todo")]

DOCUMENTS = (
    "report.yaml",
    "report.json",
    "report.html",
    "events.jsonl",
    "rollback-plan.md",
    "changelog.md",
    "runbook.md",
    "checklists/pre-deployment.md",
    "checklists/post-deployment.md",
    "checklists/monitoring.md",
)


@pytest.fixture(scope="module")
def outputs(todo):
    return todo.slipway.outputs(todo.environment)


@pytest.fixture(scope="module")
def folder(todo):
    """The folder of the first deployment."""
    found = re.search(r"^report\s+(\S+)/report\.html$", todo.first.stdout, re.MULTILINE)
    assert found is not None, "the summary names the report"
    return Path(found[1])


@pytest.fixture(scope="module")
def report(folder):
    return json.loads((folder / "report.json").read_text())


def run(todo, *arguments):
    """Run a command on the deployed environment, with its application where that matters."""
    command, *rest = arguments
    app = ("--app", todo.application) if command in ("up", "preview", "validate", "build") else ()
    return todo.slipway(command, todo.environment, *app, *rest)


def processes(todo):
    """Return what runs as (pid, time of start, command), Postgres's own children left out."""
    found = []
    for pid in todo.slipway.programs(todo.environment).values():
        process = psutil.Process(pid)
        found.append((pid, process.create_time(), *process.cmdline()))
    return sorted(found)


def test_the_first_deployment_says_that_it_is_deployed_and_where(todo, outputs):
    assert "Deployed" in todo.first.stdout
    assert outputs["public_url"] in todo.first.stdout
    assert "Traceback" not in todo.first.stderr


def test_the_address_answers_in_http_2_with_the_release_over_tls_that_verifies(todo, outputs):
    live = run(todo, "status", "--json").ok().json
    with visitor(outputs) as client:
        for path, what in (("/", "Todo"), ("/api/health", "ok")):
            answer = client.get(path, follow_redirects=True)

            assert answer.status_code == 200
            assert what in answer.text
            assert answer.http_version == "HTTP/2"
            assert answer.headers[RELEASE_HEADER] == live["release"]


def test_the_log_of_the_load_balancer_tells_what_was_asked_for_without_what_was_typed(
    todo, outputs
):
    with visitor(outputs) as client:
        client.get("/api/health?name=Ada")
    log = todo.slipway.run_folder(todo.environment) / "logs" / "envoy.log"

    text = eventually(log.read_text, lambda text: '"path":"/api/health"' in text, what="a line")

    assert "name=Ada" not in text


def test_nobody_else_trusts_the_local_authority(outputs):
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(outputs["public_url"], trust_env=False)


def test_every_field_of_the_report_is_there_and_every_null_is_explained(report):
    schema = json.loads(PUBLISHED.read_text())

    jsonschema.Draft202012Validator(schema).validate(report)

    assert unexplained(DeploymentReport.model_validate(report["deployment_report"])) == []


def test_the_report_holds_what_was_measured(report, outputs):
    told = report["deployment_report"]
    smoke = told["post_deployment_verification"]["smoke_tests"]
    speed = told["post_deployment_verification"]["performance_metrics"]
    load = told["evidence"]["load"]

    assert told["overall_status"]["outcome"] == "deployed"
    assert told["evidence"]["live"]["url"] == outputs["public_url"]
    assert (smoke["failed"], smoke["passed"]) == (0, smoke["total"])
    assert smoke["total"] >= 6
    assert load["requests"] > 0
    assert 0 < speed["api_response_time_p50_ms"] <= speed["api_response_time_p95_ms"]
    assert speed["error_rate_percent"] == 0
    assert told["build"]["database"]["migrations_applied"]
    assert told["meta"]["commit_hash"]


def test_every_document_of_the_deployment_is_written(todo, folder, report):
    missing = [name for name in DOCUMENTS if not (folder / name).is_file()]
    environment = todo.slipway.home / todo.environment

    assert missing == []
    assert yaml.safe_load((folder / "report.yaml").read_text()) == report
    assert "DATABASE_URL" in (environment / ".env.development").read_text()
    assert (environment / "secrets.txt").read_text().strip()


def test_no_secret_is_written_in_the_clear_but_where_its_process_reads_it(todo, outputs):
    shown = todo.slipway.outputs(todo.environment, secrets=True)
    passwords = {v for k, v in shown["database"].items() if "password" in k and isinstance(v, str)}
    secrets = {*shown["secrets"].values(), *passwords}
    assert len(secrets) >= 4
    programs = todo.slipway.run_folder(todo.environment) / "programs"

    found = Counter()
    for file in _files(todo.slipway.folder):
        content = file.read_bytes()
        if any(secret.encode() in content for secret in secrets):
            found[file.parent] += 1
            assert file.parent == programs, f"{file} holds a secret"
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, f"{file} is open to others"

    assert found[programs] > 0, "the search finds a secret where one is"
    printed = todo.first.stdout + todo.first.stderr
    assert not any(secret in printed for secret in secrets)


def _files(root: Path):
    """Yield what was written, but for Postgres's own data and what builds fetched."""
    for folder, names, files in os.walk(root):
        inside = Path(folder)
        names[:] = [n for n in names if n not in ("node_modules", "site-packages", "postgres")]
        paths = [inside / name for name in files]
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def test_up_again_is_unchanged_builds_nothing_and_replaces_no_process(todo, outputs):
    before = processes(todo)

    again = run(todo, "up", "--json").ok()

    told = again.json["deployment_report"]
    assert told["overall_status"]["outcome"] == "unchanged"
    assert sorted(told["evidence"]["reused_artifacts"]) == ["backend", "frontend"]
    assert processes(todo) == before


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("status", "healthy"),
        ("history", "1.0.0"),
        ("report", "deployment_report"),
        ("validate", "passed"),
        ("verify", ""),
        ("smoke", ""),
        ("preview", "nothing to deploy"),
    ],
)
def test_every_command_that_looks_tells_people_and_machines_and_touches_nothing(
    todo, outputs, command, told
):
    before = processes(todo)

    assert told in run(todo, command).ok().stdout
    if command not in ("verify", "smoke"):  # each is only once as long as it takes
        assert run(todo, command, "--json").ok().json

    assert processes(todo) == before


def test_a_change_of_the_backend_is_deployed_alone_and_taken_back(todo, outputs):
    first = run(todo, "status", "--json").ok().json["release"]
    health = todo.application / "backend" / "app" / "health.py"
    health.write_text(
        health.read_text().replace('"status": "ok"', '"edition": "second", "status": "ok"')
    )
    commit(todo.application, "A second edition")

    planned = run(todo, "preview").ok()
    with Connection(outputs) as visited:
        changed = run(todo, "up", "--json").ok().json["deployment_report"]

    second = run(todo, "status", "--json").ok().json["release"]
    assert "frontend unchanged" in planned.stderr
    assert "backend built" in planned.stderr
    assert f"{first} → {second}" in planned.stdout
    assert changed["evidence"]["probe"]["requests"] > 0
    assert _refused(changed) == {}
    assert visited.failures == []
    assert _served(outputs) == ("second", second)

    with Connection(outputs) as connection:
        back = run(todo, "rollback", "--json").ok().json["deployment_report"]

    assert connection.failures == []
    assert set(connection.releases) == {first, second}
    assert connection.opened == 1, "the weights changed under a connection that stayed"
    assert back["overall_status"]["outcome"] == "deployed"
    assert _refused(back) == {}
    assert _served(outputs) == (None, first)
    history = run(todo, "history", "--json").ok().json
    assert [(each["action"], each["release"]) for each in history[:3]] == [
        ("rollback", first),
        ("deploy", second),
        ("deploy", first),
    ]
    for told in (changed, back):
        jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text())).validate(
            {"deployment_report": told}
        )
        assert unexplained(DeploymentReport.model_validate(told)) == []


def _refused(told) -> dict[str, int]:
    """Return how the probe's requests failed; one that a busy machine was too slow for did not."""
    failures = told["evidence"]["probe"]["failures"]
    return {how: count for how, count in failures.items() if not how.startswith("timed out")}


def _served(outputs) -> tuple[str | None, str]:
    with visitor(outputs) as client:
        answer = client.get("/api/health")
        return answer.json().get("edition"), answer.headers[RELEASE_HEADER]


class Connection:
    """One connection that asks again and again while something else happens."""

    def __init__(self, outputs):
        address = urlsplit(outputs["public_url"])
        context = ssl.create_default_context(cafile=outputs["ca_certificate"])
        self._connection = http.client.HTTPSConnection(
            address.hostname, address.port, context=context, timeout=60
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.releases: Counter[str | None] = Counter()
        self.failures: list[str] = []
        self.opened = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def _ask(self):
        while not self._stop.wait(0.02):
            # A closed connection is opened again by the next request: that is what is counted.
            self.opened += self._connection.sock is None
            try:
                self._connection.request("GET", "/api/health")
                answer = self._connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as problem:
                self.failures.append(repr(problem))
                self._connection.close()
                continue
            self.releases[answer.headers[RELEASE_HEADER]] += 1
            if answer.status != 200:
                self.failures.append(f"{answer.status}")
