"""What is refused before anything is touched: a message with file and key, and exit code 3."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.errors import Blocked
from automation.home import PROJECT
from tests.integration.driver import Slipway, copy_of
from tests.integration.tiny import Tiny, assert_refused, plain, tiny

pytestmark = pytest.mark.integration
BLOCKED = Blocked.exit_code
FILE = "Pulumi.development.yaml"
OF_AN_ENVIRONMENT = (
    ("up",), ("preview",), ("validate",), ("build",), ("status",), ("history",), ("report",),
    ("verify",), ("smoke",), ("rollback",), ("destroy", "--yes"), ("env",),
)  # fmt: skip


@pytest.fixture
def fresh() -> Iterator[Tiny]:
    with tiny() as made:
        yield made
        assert made.slipway.processes() == []
        assert not (made.home / "development" / "run").exists()


def test_an_unknown_environment_is_refused_with_the_nearest_name(slipway: Slipway):
    for command, *more in OF_AN_ENVIRONMENT:
        ran = slipway(command, "developmnt", *more)

        assert_refused(
            ran, BLOCKED, "unknown environment 'developmnt'", "did you mean development?"
        )
    assert not slipway.home.exists()


def test_every_wrong_key_of_a_stack_file_is_named_with_the_nearest_one(fresh: Tiny):
    fresh.stack_file(
        "config:\n"
        "  slipway:backendReplica: 2\n"
        "  slipway:strategy: blue_gren\n"
        "  slipway:publicPort: many\n"
        "  slipwya:domain: example.com\n"
        "configg: {}\n"
    )

    assert_refused(
        fresh("up", "development"),
        BLOCKED,
        f"{FILE}: unknown key slipway:backendReplica; did you mean slipway:backendReplicas?",
        f"{FILE}: slipway:strategy:",
        "blue_gren",
        f"{FILE}: slipway:publicPort:",
        f"{FILE}: unknown namespace slipwya; did you mean slipway?",
        f"{FILE}: unknown key configg; did you mean config?",
    )


def test_a_stack_file_that_is_no_yaml_is_refused_with_the_line(fresh: Tiny):
    fresh.stack_file("config:\n  slipway:strategy: [recreate\n")

    assert_refused(fresh("up", "development"), BLOCKED, f"{FILE} line 3: not valid YAML")


@pytest.mark.parametrize("text", ["- a\n- list\n", "config: [a, list]\n", "config: text\n"])
def test_a_stack_file_of_another_shape_is_refused(fresh: Tiny, text: str):
    fresh.stack_file(text)

    assert_refused(fresh("up", "development"), BLOCKED, FILE, "expected a mapping")


def test_a_stack_file_that_is_missing_is_refused(fresh: Tiny):
    (fresh.slipway.checkout / FILE).unlink()

    assert_refused(
        fresh("up", "development"), BLOCKED, f"{FILE} is missing in {fresh.slipway.checkout}"
    )


def test_a_secret_in_the_clear_is_refused_and_not_repeated(fresh: Tiny):
    fresh.stack_file("config:\n  secrets:STRIPE_KEY: sk-live-sentinel-61\n")

    ran = assert_refused(
        fresh("up", "development"),
        BLOCKED,
        f"{FILE}: secrets:STRIPE_KEY: holds a secret in the clear",
        "pulumi config set --secret secrets:STRIPE_KEY",
    )
    assert "sentinel" not in ran.stderr + ran.stdout


def test_all_missing_variables_and_secrets_are_named_at_once(fresh: Tiny):
    fresh.specify(
        drain_seconds="  required_variables: [SMTP_HOST, SENDER]",
        smoke="secrets: { STRIPE_KEY: {}, MAIL_KEY: {}, MADE: { generate: 32 } }\nsmoke:",
    )

    assert_refused(
        fresh("up", "development"),
        BLOCKED,
        "missing variables: SMTP_HOST (backend), SENDER (backend)",
        "missing secrets: STRIPE_KEY, MAIL_KEY",
        "`variables:NAME: value`",
    )


def test_an_unknown_key_of_the_specification_is_refused_with_the_nearest_one(fresh: Tiny):
    fresh.specify(health="  helth: /api/health")

    assert_refused(
        fresh("up", "development"),
        BLOCKED,
        "specs/deployment/tiny.md: backend.helth: unknown key; did you mean `health`?",
    )


def test_an_application_that_is_not_meant_for_the_environment_is_refused(fresh: Tiny):
    fresh.specify(environments="environments: [staging]")

    assert_refused(fresh("up", "development"), BLOCKED, "tiny is not meant for development")


def test_a_path_without_an_application_is_refused(fresh: Tiny):
    nowhere, empty = fresh.slipway.folder / "nowhere", fresh.slipway.folder / "empty"
    empty.mkdir()

    for command in ("up", "preview"):
        ran = fresh(command, "development", "--app", nowhere)
        assert_refused(ran, BLOCKED, f"{nowhere} is no application: there is no such folder")

    assert_refused(
        fresh("up", "development", "--app", empty),
        BLOCKED,
        f"{empty} is no application",
        f"./slipway init --app {empty}",
    )
    file = fresh.application / "server.py"
    assert_refused(fresh("up", "development", "--app", file), BLOCKED, "it is a file, not a folder")


def test_two_alembic_heads_are_refused_and_both_named(slipway: Slipway):
    todo = copy_of(PROJECT / "examples" / "todo", slipway.folder / "todo")
    versions = todo / "backend" / "alembic" / "versions"
    beside = (versions / "0004_task_priority.py").read_text()
    other = beside.replace('"0004_task_priority"', '"0004_other"')
    (versions / "0004_other.py").write_text(other)

    ran = slipway("up", "development", "--app", todo)

    assert_refused(ran, BLOCKED, "0004_task_priority", "0004_other", "alembic merge")
    assert slipway.processes() == []


def test_a_public_port_of_somebody_else_is_refused(fresh: Tiny):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        fresh.settings(publicPort=str(port))

        ran = fresh("up", "development")

    assert_refused(ran, BLOCKED, f"port {port} is taken by somebody else", "slipway:publicPort")


def test_an_engine_that_is_too_old_is_refused(fresh: Tiny, monkeypatch: pytest.MonkeyPatch):
    folder = fresh.slipway.folder / "old"
    folder.mkdir()
    for name in ("pulumi", "pulumi-language-python"):
        (folder / name).write_text("#!/bin/sh\necho v3.50.0\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")

    for command in ("up", "status"):
        ran = fresh(command, "development")
        assert_refused(ran, BLOCKED, f"{folder}/pulumi is Pulumi 3.50.0", "or newer is needed")


def test_commands_on_an_environment_that_never_was_say_so(fresh: Tiny):
    assert_refused(
        fresh("report", "development"), BLOCKED, "nothing was ever deployed to development"
    )
    assert "Nothing was ever deployed to development" in fresh("history", "development").ok().stdout
    assert "Nothing is live in development" in fresh("status", "development").ok(1).stdout

    for command in ("verify", "smoke", "rollback"):
        assert_refused(
            fresh(command, "development"),
            BLOCKED,
            "nothing is live in development",
            "./slipway up development",
        )
    unknown = fresh("report", "development", "--deployment", "20200101-000000-0000")
    assert_refused(unknown, BLOCKED, "there is no report of 20200101-000000-0000")
    assert_refused(fresh("destroy", "development", "--yes"), BLOCKED, "there is nothing to destroy")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("up",), "Missing argument 'ENVIRONMENT'"),
        (("upp", "development"), "No such command 'upp'"),
        (("up", "development", "--fast"), "No such option"),
        (("up", "development", "staging"), "unexpected extra argument"),
        (("init",), "Missing option '--app'"),
        (("init", "--app", "/nowhere"), "does not exist"),
        ((), "Usage:"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_ends_with_2(slipway: Slipway, arguments: tuple[str, ...], said: str):
    assert_refused(slipway(*arguments), 2, said)


def test_help_names_commands_examples_and_exit_codes(slipway: Slipway):
    ran = plain(slipway("--help")).ok()

    for text in ("rollback", "destroy", "slipway up development", "Exit codes", "130"):
        assert text in ran.stdout
    assert "ENVIRONMENT" in plain(slipway("up", "--help")).ok().stdout


def test_production_is_not_destroyed_without_its_name(slipway: Slipway):
    ran = slipway("destroy", "production", "--yes")

    assert_refused(ran, BLOCKED, "production is protected", "--yes-destroy-production production")


def test_a_home_that_cannot_be_written_is_told_without_a_traceback(fresh: Tiny, tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("in the way")
    fresh.slipway.variables["SLIPWAY_HOME"] = str(file)

    ran = plain(fresh.slipway("up", "development"))

    assert ran.code not in (0, 70)
    assert str(file) in ran.stderr
