"""Faults of the plugins chosen by a printed seed: home from each. `make cloud-faults`: all.

Repeat a failure with the seed in the test's name: SLIPWAY_FAULTS_SEED=<seed>.
"""

import os
import random
import zlib
from collections.abc import Iterator

import pytest

from tests.integration.cloud_faults.matrix import WAYS
from tests.integration.cloud_faults.scene import NOT_STRUCK, Scene, scene

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.xdist_group("cloud-faults")]
# The workers of one run must collect the same tests.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or os.urandom(8).hex()
SEED = int(os.environ.get("SLIPWAY_FAULTS_SEED") or zlib.crc32(RUN.encode()) % 10**6)


@pytest.fixture(scope="module")
def staging() -> Iterator[Scene]:
    with scene("staging") as made:
        yield made


@pytest.mark.parametrize("when", [pytest.param(way, id=f"{way}, seed {SEED}") for way in WAYS])
def test_the_next_up_gets_home_and_nothing_is_lost_or_made_twice(staging: Scene, when: str):
    every = [fault for fault in staging.recorded() if fault.when == when]
    fault = random.Random(SEED).choice(every)

    assert staging.suffer(fault) != NOT_STRUCK, fault
