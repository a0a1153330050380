"""Which versions of secrets a release is made with, and how its name follows from them."""

import json
import shutil

import pytest

from automation.events import StepNotes
from automation.home import Home
from automation.settings import StackFile
from automation.steps import build, configure, validate
from components.contract import secret_versions
from components.contract.desired import DesiredState
from components.contract.release import Release
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import TINY, Installation

FIRST, SECOND = "sentinel-mercury-8471", "sentinel-venus-2960"
SECRETS = "\nsecrets: { PLANET: {}, MADE: { generate: 32 } }\n\nsmoke:"


@pytest.fixture
def installation(tmp_path):
    application = tmp_path / "tiny"
    shutil.copytree(TINY, application, ignore=shutil.ignore_patterns("__pycache__"))
    document = application / "specs" / "deployment" / "tiny.md"
    document.write_text(document.read_text().replace("\nsmoke:", SECRETS))
    with FakeEngine() as engine:
        yield Installation(Home(tmp_path / "home"), application, engine)


def made(installation: Installation, value: str, *recorded: Release, **kept: str) -> Release:
    """The release that is made where an operator gave a value, after these were deployed."""
    installation.engine.configured = {"PLANET": value}
    context = installation.open()
    context.live = DesiredState(releases={one.id: one for one in recorded})
    context.secrets = {key.replace("_", "."): each for key, each in kept.items()}
    file = StackFile(settings=context.settings, variables={}, given=frozenset({"PLANET"}))
    for step in (validate, build, configure):
        step.run(context, file, StepNotes())
    folder = context.home.environment("development")
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert not any(value in path.read_text() for path in written), "a value was written"
    assert json.loads((folder / "retained.json").read_text()) == [context.target().backend.path]
    return context.target()


def test_the_first_value_is_version_1_and_a_value_that_slipway_makes_is_none(installation):
    one = made(installation, FIRST)

    assert one.secret_versions == {"MADE": secret_versions.MADE, "PLANET": 1}
    listed = (installation.home.environment("development") / "secrets.txt").read_text()
    assert "secrets:PLANET, version 1" in listed


def test_a_new_value_makes_another_release_and_an_old_one_the_release_that_had_it(installation):
    one = made(installation, FIRST)
    two = made(installation, SECOND, one, PLANET_v1=FIRST)

    assert two.secret_versions["PLANET"] == 2
    assert two.id != one.id
    both = {"PLANET_v1": FIRST, "PLANET_v2": SECOND}
    assert made(installation, FIRST, one, two, **both) == one
    assert made(installation, SECOND, one, two, **both) == two


def test_thresholds_are_the_releases_and_only_unusual_ones_make_another(installation):
    document = installation.application / "specs" / "deployment" / "tiny.md"
    usual = document.read_text()

    one = made(installation, FIRST)
    document.write_text(usual.replace("\nsmoke:", "\nthresholds: { cpu_percent: 80 }\n\nsmoke:"))
    same = made(installation, FIRST)
    document.write_text(usual.replace("\nsmoke:", "\nthresholds: { cpu_percent: 50 }\n\nsmoke:"))
    other = made(installation, FIRST)

    assert one.thresholds["cpu_percent"] == 80
    assert same.id == one.id
    assert other.id != one.id
    assert other.thresholds["cpu_percent"] == 50


def test_a_value_that_is_not_in_the_redactor_yet_gets_there_before_anything_runs(installation):
    one = made(installation, FIRST)

    assert FIRST not in installation.redactor.text(f"it is {FIRST}")

    made(installation, SECOND, one, PLANET_v1=FIRST)

    assert SECOND not in installation.redactor.text(f"it is {SECOND}")
