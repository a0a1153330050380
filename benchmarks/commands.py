"""Run a command to its end and say what it took."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.02


@dataclass(frozen=True)
class Cost:
    """Wall-clock and CPU seconds of a command and its children, peak memory of itself alone."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


class CommandFailed(RuntimeError):
    """A command that is measured did not succeed, so there is nothing to compare."""


def measure(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Cost:
    """Run a command and measure it. Raise CommandFailed with what it printed."""
    before, began = os.times(), time.perf_counter()
    with subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        peak = _watch(process)
        output = process.stdout.read() if process.stdout else ""
    seconds, after = time.perf_counter() - began, os.times()
    if process.returncode != 0:
        raise CommandFailed(f"{' '.join(command)} exited {process.returncode}:\n{output[-2000:]}")
    children = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return Cost(seconds=seconds, cpu_seconds=children, peak_bytes=peak)


def _watch(process: "subprocess.Popen[str]") -> int:
    peak = 0
    itself = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, itself.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(SAMPLE_SECONDS)
    return peak
