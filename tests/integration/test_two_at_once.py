"""Two `up` at the same instant: one deploys, the other is refused and told who does."""

from collections.abc import Iterator

import pytest

from tests.integration.tiny import Tiny, at_the_same_instant, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("two at once")]
ROUNDS = 3


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
