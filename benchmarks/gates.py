"""Measure how often the traffic gate is wrong: `python -m benchmarks.gates [--write]`.

Whole rollouts before the gate as it is, with a made-up load balancer and a clock that only passes
in the simulation. Every case has a seed of its own, so that its row comes out the same each time.
`--write` puts the table into docs/gates.md.
"""

import re
import statistics
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from automation.gates.base import Verdict
from automation.gates.judge import judge
from automation.home import PROJECT
from automation.specification.models import Thresholds
from benchmarks.simulation import Clock, LoadBalancer, Release
from components.contract.desired import SlotName
from components.contract.files import replace
from components.contract.release import SERVICES
from components.contract.settings import Settings

PAGE = PROJECT / "docs" / "gates.md"
MARKED = re.compile(r"(<!-- measured: simulation -->\n).*?(<!-- end of measured -->)", re.DOTALL)
SETTINGS = Settings()
GATED = len(SETTINGS.canary_steps) * len(SERVICES)


@dataclass(frozen=True)
class Case:
    """Two releases, and how many requests a second each service of the application gets."""

    told: str
    old: Release
    new: Release
    rate: float
    rollouts: int

    def __str__(self) -> str:
        """Return what tells cases apart."""
        return f"{self.told}, {self.rate:g}/s"


@dataclass(frozen=True)
class Row:
    """What became of the rollouts of a case.

    `samples` and `synthetic` are medians: what the new slot served, and what the gate sent to
    both slots, when the first step was judged.
    """

    case: Case
    stopped: int
    at_first: int
    undecided: int
    samples: int
    synthetic: int

    def cells(self) -> list[str]:
        """Return the row of the table."""

        def percent(count: int) -> str:
            return f"{100 * count / self.case.rollouts:.1f} %"

        counts = [percent(each) for each in (self.stopped, self.at_first, self.undecided)]
        figures = [f"{self.case.rate:g}", str(self.case.rollouts), *counts]
        return [self.case.told, *figures, str(self.samples), str(self.synthetic)]


def run(case: Case) -> Row:
    """Run the rollouts of a case, the same ones each time."""
    generator = np.random.default_rng(zlib.crc32(f"{case.told} {case.rate}".encode()))
    rollouts = [_rollout(case, generator) for _ in range(case.rollouts)]
    last = [verdicts[-1] for verdicts, _, _ in rollouts]
    return Row(
        case=case,
        stopped=last.count(Verdict.FAIL),
        at_first=sum(verdicts == [Verdict.FAIL] for verdicts, _, _ in rollouts),
        undecided=last.count(Verdict.INCONCLUSIVE),
        samples=int(statistics.median_low(samples for _, samples, _ in rollouts)),
        synthetic=int(statistics.median_low(sent for _, _, sent in rollouts)),
    )


def _rollout(case: Case, generator: np.random.Generator) -> tuple[list[Verdict], int, int]:
    """Return the verdicts, and the samples and synthetic requests of the first step."""
    verdicts: list[Verdict] = []
    samples = sent = 0
    clock = Clock()
    releases: dict[SlotName, Release] = {"blue": case.old, "green": case.new}
    for service in SERVICES:
        balancer = LoadBalancer(clock, case.rate, releases, generator, service)
        for percent in SETTINGS.canary_steps:
            balancer.share = percent / 100
            decision = judge(
                balancer,
                {service: "green"},
                {service: "blue"},
                settings=SETTINGS,
                thresholds=Thresholds(),
                gated_steps=GATED,
                sender=balancer,
                clock=clock,
            )
            verdicts.append(decision.result.verdict)
            if len(verdicts) == 1:
                samples, sent = balancer.counted["green"].requests, balancer.synthetic
            if not decision.go_on:
                return verdicts, samples, sent
    return verdicts, samples, sent


RATES = (1, 20, 1000)


def _equal(told: str, release: Release) -> list[Case]:
    return [Case(f"equal, {told}", release, release, rate, 300) for rate in RATES]


def _worse(told: str, old: Release, new: Release, rollouts: int = 400) -> list[Case]:
    return [Case(told, old, new, rate, rollouts) for rate in RATES]


EQUAL = [
    *_equal("no errors", Release()),
    *_equal("0.1 % errors", Release(errors=0.001)),
    *_equal("1 % errors", Release(errors=0.01)),
    *_equal("3 % errors", Release(errors=0.03)),
    *_equal("1 % errors, response times spread widely", Release(errors=0.01, sigma=1.5)),
]
WORSE = [
    *_worse("5 % errors after none", Release(), Release(errors=0.05)),
    *_worse("5 % errors after 0.1 %", Release(errors=0.001), Release(errors=0.05)),
    *_worse("3 times slower", Release(), Release(slower=3)),
    *_worse("3 times slower, spread widely", Release(sigma=1), Release(sigma=1, slower=3)),
    *_worse("2 % errors after none", Release(), Release(errors=0.02)),
]
BURSTS = [
    *_equal("1 % errors in groups of 3", Release(errors=0.01, burst=3)),
    *_equal("1 % errors in groups of 20", Release(errors=0.01, burst=20)),
]
CASES = [*EQUAL, *WORSE, *BURSTS]
HEAD = (
    "New release", "Requests/s", "Rollouts", "Stopped", "At the first step", "Undecided",
    "Samples", "Synthetic",
)  # fmt: skip


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Run every case and print it. Return 1 where a target was missed."""
    rows = []
    for case in CASES:
        rows.append(run(case))
        print(" | ".join(rows[-1].cells()), flush=True)
    if "--write" in sys.argv[1:]:
        text = PAGE.read_text("utf-8")
        drawn = MARKED.sub(lambda found: f"{found[1]}\n{table(rows)}\n{found[2]}", text)
        replace(PAGE, drawn).chmod(0o644)
    return 1 if any(missed(row) for row in rows) else 0


def missed(row: Row) -> bool:
    """Say whether a row is beyond its target: 1 in 100 stopped, or 95 in 100 at the first step."""
    if row.case in EQUAL:
        return row.stopped > row.case.rollouts / 100
    five = row.case.new.errors >= 0.05 or row.case.new.slower >= 3
    return row.case in WORSE and five and row.at_first < 0.95 * row.case.rollouts


if __name__ == "__main__":
    raise SystemExit(main())
