"""Roll out and back again and again under a steady load, and count what is lost: `make rollouts`.

The load generator retries nothing. The last part lets releases fail at a gate and measures how
long after the verdict their last answer came.
"""

import argparse
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.integration.brisk import Brisk, brisk
from tests.integration.driver import Ran

ROUNDS = 20
RATE = 500
STRATEGIES = ("rolling", "blue_green", "canary")
BACK, WAY_BACK = "rollback", "way_back"
PARTS = (*STRATEGIES, BACK, WAY_BACK)
WAY_BACK_SECONDS = 2.0
CANARY: dict[str, Any] = {
    "frontendReplicas": "1",
    "canarySteps": [20],
    "canaryHoldSeconds": "2",
}


@dataclass
class Count:
    """What became of the requests of some rollouts or rollbacks."""

    name: str
    changes: int = 0
    sent: int = 0
    lost: int = 0
    seconds: float = 0.0

    @property
    def met(self) -> bool:
        """Tell whether nothing was lost."""
        return self.lost == 0

    def line(self) -> str:
        """Return the count as text."""
        rate = self.sent / self.seconds if self.seconds else 0.0
        return (
            f"{self.name:<24}{self.changes:>4} times {self.sent:>9} sent at {rate:>4.0f}/s "
            f"{self.lost:>6} lost  {'ok' if self.met else 'MISSED'}"
        )


@dataclass
class WayBack:
    """How long after a verdict the release that had failed gave its last answer."""

    seconds: list[float] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """Tell whether the median is within the target."""
        return statistics.median(self.seconds) <= WAY_BACK_SECONDS

    def line(self) -> str:
        """Return the figures as text."""
        return (
            f"failed gate to the last answer of the new release: median of {len(self.seconds)} "
            f"{statistics.median(self.seconds):.3f} s, longest {max(self.seconds):.3f} s, "
            f"target {WAY_BACK_SECONDS:g}  {'ok' if self.met else 'MISSED'}"
        )


def main() -> int:
    """Do the parts and print them. Return 1 where a request was lost or a target missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rollouts")
    parser.add_argument("--part", action="append", choices=PARTS, help="all where none is named")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each part")
    parser.add_argument("--rate", type=int, default=RATE, help="requests a second")
    arguments = parser.parse_args()
    with brisk() as installed:
        done = [
            _part(installed, part, arguments.rounds, arguments.rate)
            for part in arguments.part or PARTS
        ]
    for each in done:
        print(each.line())
    return 0 if all(each.met for each in done) else 1


def _part(installed: Brisk, part: str, rounds: int, rate: int) -> Count | WayBack:
    if part == WAY_BACK:
        return WayBack([_way_back(installed, rate) for _ in range(rounds)])
    if part == BACK:
        installed.deploy("blue_green", **CANARY).ok()
        return _counted(installed, part, rounds, rate, lambda: installed("rollback", "development"))
    return _counted(installed, part, rounds, rate, lambda: installed.deploy(part, **CANARY))


def _counted(
    installed: Brisk, name: str, rounds: int, rate: int, change: Callable[[], Ran]
) -> Count:
    count = Count(name)
    for _ in range(rounds):
        with installed.under_load(rate) as steady:
            change().ok()
        count.changes += 1
        count.sent += steady.sent
        count.lost += steady.lost
        count.seconds += float(steady.result["seconds"])
        print(count.line(), steady.result["examples"] or "", flush=True)
    return count


def _way_back(installed: Brisk, rate: int) -> float:
    """Let a canary fail under load; return seconds from the verdict to its last answer."""
    with installed.under_load(rate) as steady:
        settings = {**CANARY, "canarySteps": [50], "canaryHoldSeconds": "10"}
        installed.deploy("canary", "errors", **settings).ok(6)
    failed = [each for each in installed.report()["evidence"]["gates"] if each["verdict"] == "fail"]
    bad = set(steady.result["releases"]) - {installed.status()["release"], ""}
    last = max(steady.last(release) or 0.0 for release in bad)
    took = max(0.0, last - datetime.fromisoformat(failed[-1]["at"]).timestamp())
    print(f"way back: {took:.3f} s, {steady.lost} of {steady.sent} requests failed", flush=True)
    return took


if __name__ == "__main__":
    raise SystemExit(main())
