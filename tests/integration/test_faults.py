"""Faults chosen by a printed seed: after each, the next command gets home. `make faults`: all.

Repeat a failure with the seed in the test's name: SLIPWAY_FAULTS_SEED=<seed>.
"""

import os
import random
import zlib
from collections.abc import Iterator

import pytest

from tests.integration.faults.matrix import KINDS, Fault, Moment, Recorded, faults
from tests.integration.faults.scene import Scene, scene

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("faults")]
# The workers of one run must collect the same tests.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or os.urandom(8).hex()
SEED = int(os.environ.get("SLIPWAY_FAULTS_SEED") or zlib.crc32(RUN.encode()) % 10**6)
CHANGING = ("provision", "roll_out", "secure")
"""Steps in which an engine is at work; the nth thing that it tells there is a moment as well."""
INSIDE = tuple(Moment(step, "progress", nth=nth) for step in CHANGING for nth in (1, 2))
ALL = faults(Recorded(INSIDE, frozenset(CHANGING)))


def chosen() -> list[Fault]:
    """One fault of each kind."""
    choice = random.Random(SEED)
    return [choice.choice([fault for fault in ALL if fault.kind == kind]) for kind in KINDS]


@pytest.fixture(scope="module")
def place() -> Iterator[Scene]:
    with scene() as made:
        yield made


@pytest.mark.parametrize("fault", [pytest.param(f, id=f"{f}, seed {SEED}") for f in chosen()])
def test_the_next_command_gets_home(place: Scene, fault: Fault):
    place.suffer(fault, random.Random(f"{SEED} {fault}"))


def test_every_step_of_the_driver_has_its_faults():
    from automation.deployment import CHANGE

    for name, _ in CHANGE:
        kinds = {fault.kind for fault in ALL if fault.moment.step == name}
        assert kinds >= {"driver killed", "SIGINT", "SIGTERM", "SIGINT twice"}, name
