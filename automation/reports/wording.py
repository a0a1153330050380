"""The words that reports share: verdicts, times, and what is live."""

from collections.abc import Mapping
from typing import Final

from automation.reports.base import Outcome
from automation.reports.facts import Facts
from automation.reports.model import DeploymentReport

VERDICTS: Final[Mapping[Outcome, str]] = {
    "deployed": "Deployed",
    "unchanged": "Unchanged: nothing had to be deployed",
    "blocked": "Blocked: nothing was touched",
    "aborted": "Aborted by a failed build: nothing was touched",
    "rolled_back": "Rolled back: the old release serves",
    "failed": "Failed: this needs a person",
    "interrupted": "Interrupted before its end",
}


def verdict(facts: Facts) -> str:
    """Return how it ended, and whether an unfinished rollout was undone before."""
    told = VERDICTS[facts.outcome]
    if facts.rollback is None or not facts.rollback.of_another:
        return told
    told = told.replace("nothing was touched", "nothing else was touched")
    return f"An unfinished rollout was undone. {told}"


def duration(seconds: float | None) -> str:
    """Return a time for people: `0.4 s`, `12 s`, `3 min 5 s`."""
    if seconds is None:
        return "not measured"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def live(report: DeploymentReport) -> str:
    """Return what is live in one line, or why that is not known."""
    seen = report.evidence.live
    if seen.release is None:
        return f"not observed ({report.details.get('evidence.live.release', 'no reason given')})"
    return f"release {seen.release}, version {seen.version}"


def way_back(report: DeploymentReport) -> str:
    """Return the command that goes back and what it returns to, or why there is none."""
    back = report.evidence.way_back
    if back.command is None:
        return f"none ({report.details.get('evidence.way_back.command', 'no reason given')})"
    if back.release == report.evidence.live.release:
        return f"already taken: release {back.release} is live again"
    return f"{back.command} (to release {back.release}, version {back.version})"
