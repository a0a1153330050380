"""What becomes of a strategy where a platform gives a slot all of the traffic or none."""

import pytest

from automation import splitting
from automation.errors import Blocked
from components.contract.settings import Settings
from tests.doubles.releases import release

BOTH, FRONTEND = release("r1", "backend", "frontend"), release("r1", "frontend")


def on_vercel(**more: object) -> Settings:
    return Settings(frontend_platform="vercel", strategy="canary", **more)  # type: ignore[arg-type]


def test_what_cannot_be_split_is_known_by_its_platform() -> None:
    assert splitting.whole(on_vercel()) == {"frontend"}
    assert splitting.whole(Settings()) == frozenset()


def test_it_is_told_that_a_service_takes_all_traffic_at_once() -> None:
    told = splitting.check(on_vercel(), BOTH)

    assert told is not None
    assert told.startswith("frontend on vercel takes all traffic at once")


def test_a_canary_of_nothing_that_can_be_split_is_refused_with_the_remedy() -> None:
    with pytest.raises(Blocked, match="not possible for frontend on vercel") as refused:
        splitting.check(on_vercel(), FRONTEND)

    assert "blue_green" in refused.value.hint


def test_other_strategies_and_platforms_are_as_usual() -> None:
    assert splitting.check(Settings(frontend_platform="vercel"), FRONTEND) is None
    assert splitting.check(Settings(strategy="canary"), BOTH) is None
