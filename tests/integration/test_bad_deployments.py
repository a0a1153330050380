"""Deployments that fail although what they were given looked right, with a release live."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from automation.errors import Blocked, BuildFailed, Busy, Interrupted, RolledBack
from automation.holder import owner
from components.dynamic import supervision
from tests.integration.driver import eventually
from tests.integration.tiny import IMPATIENT, Tiny, assert_refused, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("bad-deployments")]


@dataclass(frozen=True)
class Before:
    """What is live before the deployments that fail: it must be after each of them as well."""

    tiny: Tiny
    release: str
    programs: dict[str, int]


@pytest.fixture(scope="module")
def before() -> Iterator[Before]:
    with tiny() as made:
        made("up", "development").ok()
        yield Before(made, made.status()["release"], replicas_and_envoy(made))


@pytest.fixture
def live(before: Before) -> Iterator[Tiny]:
    """A release that serves, and that must serve from the same processes afterwards."""
    before.tiny.settings()
    before.tiny.serve()
    before.tiny.specify()
    yield before.tiny
    before.tiny.serves(before.release)
    assert replicas_and_envoy(before.tiny) == before.programs


def replicas_and_envoy(made: Tiny) -> dict[str, int]:
    """Return the process ids of what serves; a test may stop the database's."""
    programs = made.slipway.programs("development")
    return {name: programs[name] for name in programs if name != "postgres"}


def test_a_build_that_fails_touches_nothing_and_shows_the_end_of_its_log(live: Tiny):
    live.specify(install='  install: echo "no matching planet"; echo why >&2; exit 9')

    ran = assert_refused(
        live("up", "development"),
        BuildFailed.exit_code,
        "the backend was not built: installing dependencies ended with code 9",
        "no matching planet",
        "why",
    )

    log = Path(ran.stderr.split("the log is ")[1].splitlines()[0])
    assert "no matching planet" in log.read_text()
    assert "nothing was touched" in ran.stdout.lower() or "Aborted" in ran.stdout, ran.stdout


def test_a_backend_that_dies_at_its_start_is_rolled_back(live: Tiny):
    live.serve("dies")

    ran = assert_refused(
        live("up", "development"),
        RolledBack.exit_code,
        "started and died",
        "tiny: there is no such planet",
        "serves again and was verified",
    )

    assert "Rolled back" in ran.stdout
    report = live("report", "development", "--json").ok().json["deployment_report"]
    assert report["rollback"]["executed"] is True, report["rollback"]
    newest, *_ = live("history", "development", "--json").ok().json
    assert newest["outcome"] == "rolled_back"
    incident = (live.deployments()[-1] / "incident.md").read_text()
    assert "## What was done" in incident
    assert "tiny: there is no such planet" in incident
    assert "| weights | backend blue 100 %, green 0 % |" in incident
    assert f"{live.deployments()[-1]}/incident.md" in ran.stdout


def test_a_backend_that_never_becomes_healthy_is_rolled_back(live: Tiny):
    live.settings(healthTimeoutSeconds=IMPATIENT)
    live.serve("sick")

    assert_refused(
        live("up", "development"),
        RolledBack.exit_code,
        "0 of 1 replicas became ready within 5 s",
        "status 503",
        "serves again and was verified",
    )

    newest, *_ = live("history", "development", "--json").ok().json
    assert newest["outcome"] == "rolled_back"
    assert [name for name in live.slipway.programs("development") if "green" in name] == []


def test_a_second_deployment_is_told_who_is_deploying(live: Tiny):
    live.specify(install='  install: "sleep 600"')
    known = frozenset(live.deployments())
    first = live.slipway.start("up", "development")
    live.saw("build", "installing", beside=known)

    for command in (("up",), ("rollback",), ("destroy", "--yes")):
        assert_refused(
            live(command[0], "development", *command[1:]),
            Busy.exit_code,
            f"development is being deployed by {owner()}",
            f"process {first.pid}",
            "slipway up development",
        )
    assert str(first.pid) in live.status()["deploying"]

    ended = live.slipway.end(first, signal.SIGINT)
    assert_refused(ended, Interrupted.exit_code, "interrupted before")
    assert live.status()["deploying"] is None


def test_a_database_that_refuses_connections_blocks(live: Tiny):
    access = live.home / "development" / "postgres" / "pg_hba.conf"
    with changed(access, "host all all 127.0.0.1/32 reject\n", lambda: reload(live)):
        ran = live("up", "development")

    assert_refused(
        ran, Blocked.exit_code, "refuses connections: ", "pg_hba.conf rejects connection"
    )


def test_a_database_server_that_is_stopped_is_started_again(live: Tiny):
    supervision.connect(live.slipway.run_folder("development")).stopProcess("postgres")

    ran = live("up", "development").ok()

    assert "the database does not listen" in ran.stderr
    assert "Unchanged" in ran.stdout


@contextmanager
def changed(file: Path, text: str, noticed: Callable[[], None]) -> Iterator[None]:
    """Give a file another content for a while."""
    before = file.read_text()
    try:
        file.write_text(text)
        noticed()
        yield
    finally:
        file.write_text(before)
        noticed()


def reload(live: Tiny) -> None:
    """Have the server read its files again, and wait until it did."""
    log = live.slipway.run_folder("development") / "logs" / "postgres.log"
    reloads = log.read_text().count("received SIGHUP")
    psutil.Process(live.slipway.programs("development")["postgres"]).send_signal(signal.SIGHUP)
    eventually(
        lambda: log.read_text().count("received SIGHUP") > reloads, what="the server reloads"
    )
