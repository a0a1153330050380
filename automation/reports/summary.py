"""The report in plain lines that fit a screen."""

import textwrap
from typing import Final

from automation.reports.facts import Facts
from automation.reports.failures import failures
from automation.reports.migration_line import migration_line
from automation.reports.model import DeploymentReport
from automation.reports.rollout import rollout
from automation.reports.wording import duration, live, verdict, way_back

WIDTH: Final = 100
MOST_FAILURES: Final = 8
MOST_STEPS: Final = 12
WHOLE: Final = ("address ", "way back ")
"""Lines that are never cut: what a person copies from them has to work."""


def summary_text(report: DeploymentReport, facts: Facts) -> str:
    """Return verdict, what is live, the rollout, the way back and what failed, as plain lines."""
    meta, told = report.meta, report.evidence
    rows = [
        ("verdict", verdict(facts)),
        ("why", told.reason),
        ("deployment", f"{meta.deployment_id}, {meta.environment}, by {meta.deployer}"),
        ("version", _version(report)),
        ("live", live(report)),
        ("address", told.live.url or ""),
        ("health", _health(report)),
        ("migration", migration_line(facts)),
        ("smoke tests", _smoke(report)),
        ("traffic", _traffic(report)),
        ("took", duration(told.seconds)),
        ("way back", way_back(report)),
    ]
    lines = [f"{label:<12} {text}" for label, text in rows if text]
    failed = failures(report)
    lines = [_fit(line) for line in [*lines, *_rollout(facts)]]
    for one in failed[:MOST_FAILURES]:
        lines += _wrapped(f"! {one.where}: {one.name}{': ' if one.details else ''}{one.details}")
    if len(failed) > MOST_FAILURES:
        lines.append(f"! and {len(failed) - MOST_FAILURES} more, see the report")
    return "".join(f"{line}\n" for line in lines)


def _rollout(facts: Facts) -> list[str]:
    """Return one line for each step that was reached, the last ones where there are many."""
    steps = rollout(facts)
    reached = [step for step in steps if step.verdict is not None]
    lines = [f"{'rollout':<12} {len(reached)} of {len(steps)} steps"] if steps else []
    if len(reached) > MOST_STEPS:
        lines.append(f"{'':<12} … {len(reached) - MOST_STEPS} steps before")
    for step in reached[-MOST_STEPS:]:
        shares = ", ".join(f"{service} {share} %" for service, share in step.weights)
        told = f"{shares}: {step.description}" if shares else step.description
        took = duration(step.seconds)
        lines.append(f"{'':<12} {step.number:>2} {step.verdict:<12} {took:>7}  {told}")
    return lines


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent="  ",
        max_lines=3,
        placeholder=" …",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _fit(line: str) -> str:
    flat = line.replace("\r", " ").replace("\n", " ")
    if len(flat) <= WIDTH or flat.startswith(WHOLE):
        return flat
    return f"{flat[: WIDTH - 1]}…"


def _version(report: DeploymentReport) -> str:
    if report.meta.version is None:
        return f"not known ({report.details.get('meta.version', 'no reason given')})"
    commit = f", commit {report.meta.commit_hash[:12]}" if report.meta.commit_hash else ""
    return f"{report.meta.version}{commit}"


def _health(report: DeploymentReport) -> str:
    overall = report.overall_status
    if overall.healthy is None:
        return "not observed"
    told = "healthy" if overall.healthy else "NOT healthy"
    if overall.ready_for_traffic is None:
        return told
    return f"{told}, {'ready' if overall.ready_for_traffic else 'NOT ready'} for traffic"


def _smoke(report: DeploymentReport) -> str:
    smoke = report.post_deployment_verification.smoke_tests
    if smoke.total is None:
        return "not run"
    return f"{smoke.passed} of {smoke.total} passed, {smoke.failed} failed"


def _traffic(report: DeploymentReport) -> str:
    probe = report.evidence.probe
    if probe.requests is None:
        return ""
    gap = "" if probe.longest_gap_ms is None else f", longest gap {probe.longest_gap_ms:.0f} ms"
    how = ", ".join(f"{count} × {answer}" for answer, count in probe.failures.items())
    failed = f"{probe.failed} failed ({how})" if how else f"{probe.failed} failed"
    return f"{probe.requests} requests during the rollout, {failed}{gap}"
