"""The values of secrets go back with the release that was given them."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from automation.errors import InvalidInput
from tests.integration.tiny import Tiny, assert_refused, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("secret-versions")]
FIRST, SECOND = "sentinel-mercury-8471", "sentinel-venus-2960"
GIVEN = {
    "RELEASE": "    PLANET: ${secret.PLANET}",
    "smoke": "secrets: { PLANET: { description: where it lives }, MADE: { generate: 32 } }\nsmoke:",
}


@pytest.fixture
def made() -> Iterator[Tiny]:
    with tiny() as installed:
        installed.specify(**GIVEN)
        yield installed


def live(made: Tiny) -> tuple[str, str]:
    """Return the release that has all traffic, and the secret as its process was given it."""
    state = made.slipway.outputs("development")["state"]
    slot, held = next(each for each in state["backend"].items() if each[1]["weight"] == 100)
    pid = made.slipway.programs("development")[f"backend-{slot}-0"]
    return held["release"], psutil.Process(pid).environ()["PLANET"]


def given(made: Tiny, value: str) -> str:
    """Set the secret the way an operator does, and return what that printed."""
    return made.slipway.told(value, "secret", "development", "PLANET").ok().stdout


def holding(made: Tiny, *values: str) -> list[Path]:
    """List the files with a value in the clear, but those that processes are started from."""
    files = [path for path in made.home.rglob("*") if path.is_file()]
    programs = made.slipway.run_folder("development") / "programs"
    assert any(path.parent == programs for path in files)
    return [
        path
        for path in files
        if path.parent != programs and any(v.encode() in path.read_bytes() for v in values)
    ]


def test_a_release_that_is_gone_back_to_gets_the_value_that_it_had(made: Tiny):
    given(made, FIRST)
    made("up", "development").ok()
    one, value = live(made)
    assert value == FIRST

    assert "the next `up` deploys it" in given(made, SECOND)
    forward = made("up", "development").ok()
    two, value = live(made)
    assert value == SECOND
    assert one != two

    assert "has this value already" in given(made, SECOND)
    back = made("rollback", "development").ok()
    assert live(made) == (one, FIRST)
    made.slipway.pulumi("development", "preview", "--expect-no-changes", "-s", "development").ok()

    again = made("up", "development").ok()
    assert live(made) == (two, SECOND)
    listed = (made.home / "development" / "secrets.txt").read_text()
    assert "secrets:PLANET, version 2" in listed
    shown = "".join(ran.stdout + ran.stderr for ran in (forward, back, again))
    assert not any(value in shown for value in (FIRST, SECOND))
    assert holding(made, FIRST, SECOND) == []


def test_a_secret_of_the_checked_in_file_is_not_set_where_it_would_have_no_effect(made: Tiny):
    made.stack_file("config:\n  secrets:PLANET: {secure: 'v1:abc'}\n")

    ran = made.slipway.told(FIRST, "secret", "development", "PLANET")

    assert_refused(ran, InvalidInput.exit_code, "PLANET is set in Pulumi.development.yaml")
    assert FIRST not in ran.stderr
