"""Two `up` at the same instant: one deploys, the other is refused and told who does."""

from collections.abc import Callable, Iterator

import pytest

from automation.errors import Busy
from automation.holder import owner
from tests.integration.tiny import Tiny, assert_refused, plain, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("two at once")]
ROUNDS = 3


def at_the_same_instant(installed: Tiny, *, change: Callable[[], object]) -> None:
    """Start two deployments at once; see one go through, the other refused with its name."""
    change()
    both = [installed.slipway.start("up", "development") for _ in range(2)]
    ended = [plain(installed.slipway.end(process)) for process in both]
    pairs = sorted(zip(ended, both, strict=True), key=lambda each: each[0].code)
    (through, winner), (refused, _) = pairs
    told = f"{owner()} (process {winner.pid}, `slipway up development`, since "
    through.ok()
    assert_refused(refused, Busy.exit_code, told)


@pytest.fixture(scope="module")
def installed() -> Iterator[Tiny]:
    with tiny() as made:
        made("up", "development").ok()
        yield made


@pytest.mark.parametrize("number", range(ROUNDS))
def test_one_proceeds_and_one_is_refused_with_the_owners_name(installed: Tiny, number: int):
    before = len(installed.deployments())

    at_the_same_instant(installed, change=lambda: installed.serve(f"well-{number}"))

    assert len(installed.deployments()) == before + 1
    assert installed.status()["healthy"]
