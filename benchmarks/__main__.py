"""Compare Slipway with the bare engine on the same stack, in one run: `make bench`.

Both commands of a pair take turns, so that what else the machine does hits both. Figures are
medians. The environment is one of its own, in a temporary folder, and is destroyed at the end.
"""

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from automation.home import PROJECT
from benchmarks.commands import Cost, measure

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SLIPWAY = [str(PROJECT / "slipway")]
ENVIRONMENT = "development"


@dataclass(frozen=True)
class Row:
    """One figure and the target that it has to meet."""

    name: str
    figure: float
    target: float
    unit: str

    def line(self) -> str:
        """Return the row as text."""
        verdict = "ok" if self.figure <= self.target else "MISSED"
        return f"{self.name:<48}{self.figure:8.2f} {self.unit:<3} target {self.target:g}  {verdict}"


def main() -> int:
    """Run every comparison and print it. Return 1 where a target was missed."""
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as home:
        env = {**os.environ, "SLIPWAY_HOME": home}
        try:
            subprocess.run([*SLIPWAY, "up", ENVIRONMENT], cwd=PROJECT, env=env, check=True)
            rows = _rows(env)
        finally:
            destroy = [*SLIPWAY, "destroy", ENVIRONMENT, "--yes"]
            subprocess.run(destroy, cwd=PROJECT, env=env, check=True)
    for row in rows:
        print(row.line())
    return 1 if any(row.figure > row.target for row in rows) else 0


def _rows(env: Mapping[str, str]) -> list[Row]:
    asked = [*SLIPWAY, "env", ENVIRONMENT, "--json"]
    printed = subprocess.run(asked, cwd=PROJECT, env=env, check=True, capture_output=True)
    by_hand = {**env, **json.loads(printed.stdout)}
    rows, driver = [], []
    for command, bare, target in (("up", ["up", "--yes"], 1.5), ("preview", ["preview"], 1.2)):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(measure([*SLIPWAY, command, ENVIRONMENT], cwd=PROJECT, env=env))
            engine = ["pulumi", *bare, "--stack", ENVIRONMENT]
            theirs.append(measure(engine, cwd=PROJECT, env=by_hand))
        driver += ours
        ratio = _median(ours) / _median(theirs)
        took = f"{_median(ours):.2f} s to {_median(theirs):.2f} s"
        told = f"slipway {command} to pulumi {' '.join(bare)}: {took}"
        rows.append(Row(told, ratio, target, "x"))
    helps = [measure([*SLIPWAY, "--help"], cwd=PROJECT, env=env) for _ in range(ROUNDS)]
    cpu = statistics.median(cost.cpu_seconds for cost in helps)
    rows.append(Row("slipway --help, CPU", cpu, 0.3, "s"))
    peak = max(cost.peak_bytes for cost in driver) / 1024**2
    rows.append(Row("driver's peak memory", peak, 200, "MB"))
    return rows


def _median(costs: list[Cost]) -> float:
    return statistics.median(cost.seconds for cost in costs)


if __name__ == "__main__":
    raise SystemExit(main())
