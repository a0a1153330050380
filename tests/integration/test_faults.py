"""Faults chosen by a printed seed: after each, the next command gets home. `make faults`: all.

Repeat a failure with the seed in the test's name: SLIPWAY_FAULTS_SEED=<seed>.
"""

import json
import os
import random
import zlib
from collections.abc import Iterator

import pytest

from tests.integration.faults.matrix import KINDS, SCHEMA, Fault, Moment, Recorded, faults
from tests.integration.faults.migrating import KINDS_OF_SCHEMA, Migrating, migrating
from tests.integration.faults.scene import MISSED, Scene, scene

pytestmark = pytest.mark.integration
# The workers of one run must collect the same tests.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or os.urandom(8).hex()
SEED = int(os.environ.get("SLIPWAY_FAULTS_SEED") or zlib.crc32(RUN.encode()) % 10**6)
CHANGING = ("provision", "roll_out", "secure")
"""Steps in which an engine is at work; the nth thing that it tells there is a moment as well."""
INSIDE = tuple(Moment(step, "progress", nth=nth) for step in CHANGING for nth in (1, 2))
ALL = faults(Recorded(INSIDE, frozenset(CHANGING)))
TOLD = tuple(Moment(step, "progress", nth=nth) for step in SCHEMA for nth in range(1, 9))
OF_SCHEMA = faults(Recorded(TOLD, frozenset()), SCHEMA, KINDS_OF_SCHEMA)


def chosen() -> list[Fault]:
    """One fault of each kind."""
    choice = random.Random(SEED)
    return [choice.choice([fault for fault in ALL if fault.kind == kind]) for kind in KINDS]


def chosen_of_schema() -> list[Fault]:
    """One fault in each step that changes the schema."""
    choice = random.Random(SEED)
    return [choice.choice([f for f in OF_SCHEMA if f.moment.step == step]) for step in SCHEMA]


@pytest.fixture(scope="module")
def place() -> Iterator[Scene]:
    with scene() as made:
        yield made


@pytest.fixture(scope="module")
def ledger() -> Iterator[Migrating]:
    with migrating() as made:
        yield made


def each(faults: list[Fault]) -> pytest.MarkDecorator:
    named = [pytest.param(fault, id=f"{fault}, seed {SEED}") for fault in faults]
    return pytest.mark.parametrize("fault", named)


def suffered(place: Scene, fault: Fault) -> None:
    """See the fault done, and the next command get home."""
    done = place.suffer(fault, random.Random(f"{SEED} {fault}"))
    # Every deployment comes to the ends of every step, but not always to what is inside one.
    may_be_missed = fault.kind == "engine killed" or fault.moment.event == "progress"
    assert may_be_missed or not done.startswith(MISSED), f"{fault}: {done}"


@each(chosen())
@pytest.mark.xdist_group("faults")
def test_the_next_command_gets_home(place: Scene, fault: Fault):
    suffered(place, fault)


@pytest.mark.long
@each(chosen_of_schema())
@pytest.mark.xdist_group("ledger")
def test_the_next_command_gets_home_from_within_a_migration(ledger: Migrating, fault: Fault):
    suffered(ledger, fault)


@pytest.mark.xdist_group("faults")
def test_every_step_that_a_deployment_tells_of_has_its_faults(place: Scene):
    first = place.tiny.deployments()[0] / "events.jsonl"
    events = [json.loads(line) for line in first.read_text().splitlines()]
    steps = [event["step"] for event in events if event["event"] == "started"]

    assert steps
    for name in steps:
        kinds = {fault.kind for fault in ALL if fault.moment.step == name}
        assert kinds >= {"driver killed", "SIGINT", "SIGTERM", "SIGINT twice"}, name
