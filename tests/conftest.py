"""What holds for every test."""

import signal
from collections.abc import Iterator

import hypothesis
import pytest

pytest.register_assert_rewrite("tests.integration")  # what its shared modules see is told too
# How long a busy machine takes says nothing of the code: timing belongs to the benchmarks.
hypothesis.settings.register_profile(
    "slipway", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("slipway")


@pytest.fixture(scope="session", autouse=True)
def signals_as_in_a_terminal() -> Iterator[None]:
    """Take signals as a terminal's programs do: under `nohup`, or in a shell's background, SIGINT
    and SIGHUP are ignored, and whatever a test starts would ignore them too."""
    fresh = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in fresh.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
