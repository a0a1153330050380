"""Every command of a page is run here, or covered by the test that is named."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from automation.home import PROJECT
from components.contract.outputs import HOME_VARIABLE
from tests.docs.pages import PAGES, commands, text

HERE = {
    "./slipway doctor": (0, 3),  # 3: something is missing on this machine, and it says what
    "./slipway init --app ../shop": (0,),
    "./slipway validate development --app ../shop": (0,),
    'eval "$(./slipway env development)"': (0,),
}
"""Quick commands, in the order in which they are run, with the exit codes that are right."""

INTEGRATION = "tests/integration"
TODO, BY_HAND = f"{INTEGRATION}/test_todo.py", f"{INTEGRATION}/test_by_hand.py"
LOOKS = f"{TODO}::test_every_command_that_looks_tells_people_and_machines_and_touches_nothing"
FIRST = f"{TODO}::test_the_first_deployment_says_that_it_is_deployed_and_where"
CLEAN = f"{BY_HAND}::test_after_up_a_preview_by_hand_is_clean_and_up_changes_nothing"
REFRESH = f"{BY_HAND}::test_refresh_sees_a_dead_slot_as_gone_and_up_brings_it_back"
DESTROY = f"{BY_HAND}::test_destroy_leaves_nothing_behind"
TLS = f"{TODO}::test_the_address_answers_in_http_2_with_the_release_over_tls_that_verifies"
ROLLBACK = f"{TODO}::test_a_change_of_the_backend_is_deployed_alone_and_taken_back"
MAKE = "tests/docs/test_commands.py::test_make_has_the_targets_that_pages_name"
GENERATED = "tests/docs/test_generated.py::test_a_page_is_what_the_generator_makes_of_it"
PICTURE = (
    "tests/docs/test_generated.py::"
    "test_the_picture_shows_what_stayed_on_the_terminal_and_nothing_of_the_machine"
)
CANCEL = "tests/docs/test_commands.py::test_cancel_removes_the_lock_that_a_killed_engine_left"
LIVE = f"{INTEGRATION}/test_what_is_live.py"
FROZEN = f"{LIVE}::test_a_frozen_environment_is_blocked_for_everybody_until_it_is_unfrozen"
NEON = f"{INTEGRATION}/test_neon.py"
NEON_UP = f"{NEON}::test_the_application_comes_by_the_pooler_and_migrations_do_not"
NEON_KEY = f"{NEON}::test_without_the_key_it_is_said_what_to_set_and_nothing_is_touched"
VERCEL = "tests/automation/commands/test_frontend_preview.py"
VERCEL_TOKEN = f"{VERCEL}::test_without_a_token_it_is_said_what_to_set"
VERCEL_PREVIEW = f"{VERCEL}::test_a_pull_request_is_seen_at_the_printed_url_until_it_is_closed"
MANIFESTS = (
    "tests/integration/test_manifests.py::"
    "test_manifests_of_an_environment_that_was_never_deployed_are_written_for_every_tool"
)
NEON_DESTROY = f"{NEON}::test_destroy_says_what_it_lacks_and_leaves_nothing_when_it_has_it"
SECRET = "tests/docs/test_commands.py::test_a_secret_is_set_without_being_shown"

ELSEWHERE = {
    r"make (up|test|check)": MAKE,
    r"curl --cacert \.slipway/development/tls/ca\.pem https://localhost:8443/api/health": TLS,
    r"\./slipway (status|history|report) development": LOOKS,
    r"\./slipway up development --app \.\./shop": FIRST,
    r"\./slipway rollback development": ROLLBACK,
    r"\./slipway destroy development": DESTROY,
    r"\./slipway secret development PAYMENT_KEY": SECRET,
    r'\./slipway (freeze production ".*"|unfreeze production)': FROZEN,
    r"export NEON_API_KEY=\.\.\.": NEON_KEY,
    r"export VERCEL_API_TOKEN=\.\.\.": VERCEL_TOKEN,
    r"\./slipway frontend-preview staging --pull-request 17( --remove)?": VERCEL_PREVIEW,
    r"\./slipway up staging": NEON_UP,
    r"\./slipway manifests staging -o deploy": MANIFESTS,
    r"\./slipway destroy production --yes-destroy-production production": NEON_DESTROY,
    r"pulumi (preview|up)( --yes)? -s development": CLEAN,
    r"pulumi refresh( --yes)? -s development": REFRESH,
    r"pulumi destroy -s development": DESTROY,
    r"pulumi cancel --yes -s development": CANCEL,
    r"\.venv/bin/python -m automation\.reference": GENERATED,
    r"\.venv/bin/python -m automation\.reference\.picture": PICTURE,
}
"""Commands that take long, need a deployment, or ask: pattern -> the test that covers it."""


def covering(command: str) -> str | None:
    """Return the test that covers a command, or None."""
    found = [test for pattern, test in ELSEWHERE.items() if re.fullmatch(pattern, command)]
    return found[0] if found else None


def test_every_command_of_every_page_is_covered_by_some_test():
    uncovered = [
        (page, command)
        for page, command in commands()
        if command not in HERE and covering(command) is None
    ]

    assert uncovered == []


def test_nothing_is_listed_that_no_page_tells_people_to_run():
    told = {command for _, command in commands()}

    assert set(HERE) <= told
    assert [p for p in ELSEWHERE if not any(re.fullmatch(p, command) for command in told)] == []


@pytest.mark.parametrize("test", sorted(set(ELSEWHERE.values())))
def test_the_test_that_covers_a_command_exists(test: str):
    file, _, name = test.partition("::")
    tree = ast.parse((PROJECT / file).read_text("utf-8"))

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_make_has_the_targets_that_pages_name():
    written = "\n".join(text(page) for page in PAGES)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", written, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))

    assert named <= targets
    assert "./slipway up development" in (PROJECT / "Makefile").read_text()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "SLIPWAY_"))}
    return {**kept, HOME_VARIABLE: str(tmp_path_factory.mktemp("home"))}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application without a specification, outside of the project."""
    folder = tmp_path_factory.mktemp("apps") / "shop"
    ignored = shutil.ignore_patterns("node_modules", ".next", "specs", ".venv")
    return Path(shutil.copytree(PROJECT / "examples" / "todo", folder, ignore=ignored))


def run(command: str, environment: dict[str, str], text: str = "") -> subprocess.CompletedProcess:
    """Run a command line in the project's folder."""
    return subprocess.run(
        ["sh", "-euc", command],
        cwd=PROJECT,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.xdist_group("docs")
def test_the_quick_commands_of_the_pages_work(environment: dict[str, str], shop: Path):
    for command, codes in HERE.items():
        done = run(command.replace("../shop", str(shop)), environment)

        assert done.returncode in codes, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.mark.xdist_group("docs")
def test_a_secret_is_set_without_being_shown(environment: dict[str, str]):
    value = "sentinel-of-the-documentation"

    done = run("./slipway secret development PAYMENT_KEY", environment, value)

    assert done.returncode == 0, done.stderr
    assert value not in done.stdout + done.stderr
    kept = Path(environment[HOME_VARIABLE], "development", "Pulumi.development.yaml").read_text()
    assert "secrets:PAYMENT_KEY" in kept
    assert value not in kept


@pytest.mark.xdist_group("docs")
def test_cancel_removes_the_lock_that_a_killed_engine_left(environment: dict[str, str]):
    run("./slipway secret development MAKES_THE_STACK", environment, "any")
    locks = Path(environment[HOME_VARIABLE], "state/.pulumi/locks/organization/slipway/development")
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "killed.json").write_text(
        '{"pid": 1, "username": "somebody", "hostname": "elsewhere",'
        ' "timestamp": "2026-01-01T00:00:00Z"}'
    )

    done = run(
        'eval "$(./slipway env development)"; pulumi cancel --yes -s development', environment
    )

    assert done.returncode == 0, done.stderr
    assert list(locks.glob("*.json")) == []
