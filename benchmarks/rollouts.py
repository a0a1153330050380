"""Roll out and back again and again under a steady load, and count what is lost: `make rollouts`.

The load generator retries nothing. The second part lets releases fail at a gate and measures how
long after the verdict their last answer came.
"""

import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.integration.brisk import Brisk, brisk
from tests.integration.driver import Ran

ROUNDS = int(os.environ.get("ROUNDS", "20"))
RATE = int(os.environ.get("RATE", "500"))
STRATEGIES = ("rolling", "blue_green", "canary")
WAY_BACK_SECONDS = 2.0
CANARY: dict[str, Any] = {"canarySteps": [20], "canaryHoldSeconds": "2"}


@dataclass
class Count:
    """What became of the requests of some rollouts or rollbacks."""

    name: str
    changes: int = 0
    sent: int = 0
    lost: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """Return the count as text."""
        rate = self.sent / self.seconds if self.seconds else 0.0
        return (
            f"{self.name:<24}{self.changes:>4} times {self.sent:>9} sent at {rate:>4.0f}/s "
            f"{self.lost:>6} lost  {'ok' if self.lost == 0 else 'MISSED'}"
        )


def main() -> int:
    """Run both parts and print them. Return 1 where a request was lost or a target missed."""
    with brisk() as installed:
        counts = [_rollouts(installed, strategy) for strategy in STRATEGIES]
        counts.append(_rollbacks(installed))
        seconds = [_way_back(installed) for _ in range(ROUNDS)]
    median = statistics.median(seconds)
    for count in counts:
        print(count.line())
    verdict = "ok" if median <= WAY_BACK_SECONDS else "MISSED"
    print(
        f"failed gate to the last answer of the new release: median of {len(seconds)} "
        f"{median:.3f} s, longest {max(seconds):.3f} s, target {WAY_BACK_SECONDS:g}  {verdict}"
    )
    return 1 if median > WAY_BACK_SECONDS or any(count.lost for count in counts) else 0


def _rollouts(installed: Brisk, strategy: str) -> Count:
    return _counted(installed, strategy, lambda: installed.deploy(strategy, **CANARY))


def _rollbacks(installed: Brisk) -> Count:
    return _counted(installed, "rollback", lambda: installed("rollback", "development"))


def _counted(installed: Brisk, name: str, change: Callable[[], Ran]) -> Count:
    count = Count(name)
    for _ in range(ROUNDS):
        with installed.under_load(RATE) as steady:
            change().ok()
        count.changes += 1
        count.sent += steady.sent
        count.lost += steady.lost
        count.seconds += float(steady.result["seconds"])
        print(count.line(), steady.result["examples"] or "", flush=True)
    return count


def _way_back(installed: Brisk) -> float:
    """Let a canary fail under load; return seconds from the verdict to its last answer."""
    with installed.under_load(RATE) as steady:
        installed.deploy("canary", "errors", canarySteps=[50], canaryHoldSeconds="10").ok(6)
    failed = [each for each in installed.report()["evidence"]["gates"] if each["verdict"] == "fail"]
    bad = set(steady.result["releases"]) - {installed.status()["release"], ""}
    last = max(steady.last(release) or 0.0 for release in bad)
    took = max(0.0, last - datetime.fromisoformat(failed[-1]["at"]).timestamp())
    print(f"way back: {took:.3f} s, {steady.lost} of {steady.sent} requests failed", flush=True)
    return took


if __name__ == "__main__":
    raise SystemExit(main())
