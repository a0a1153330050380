"""The report in plain lines that fit a screen: at most 24 lines of at most 100 characters."""

import textwrap
from typing import Final

from automation.reports.failures import failures
from automation.reports.model import DeploymentReport
from automation.reports.wording import VERDICTS, duration, live, way_back

WIDTH: Final = 100
MOST_FAILURES: Final = 8


def summary_text(report: DeploymentReport) -> str:
    """Return verdict, what is live, the way back and what failed, as plain lines."""
    meta, overall, told = report.meta, report.overall_status, report.evidence
    rows = [
        ("verdict", VERDICTS[overall.outcome]),
        ("why", told.reason),
        ("deployment", f"{meta.deployment_id}, {meta.environment}, by {meta.deployer}"),
        ("version", _version(report)),
        ("live", live(report)),
        ("address", told.live.url or ""),
        ("health", _health(report)),
        ("smoke tests", _smoke(report)),
        ("traffic", _traffic(report)),
        ("took", duration(told.seconds)),
        ("way back", way_back(report)),
    ]
    lines = [f"{label:<12} {text}" for label, text in rows if text]
    failed = failures(report)
    lines += [f"! {f.where}: {f.name}{': ' if f.details else ''}{f.details}" for f in failed]
    if len(failed) > MOST_FAILURES:
        kept = len(lines) - len(failed) + MOST_FAILURES
        lines = [*lines[:kept], f"! and {len(failed) - MOST_FAILURES} more, see the report"]
    return "".join(f"{_fit(line)}\n" for line in lines)


def _fit(line: str) -> str:
    """Keep a line within the width; addresses and commands lose nothing that fits."""
    flat = line.replace("\r", " ").replace("\n", " ")
    return flat if len(flat) <= WIDTH else textwrap.shorten(flat, WIDTH, placeholder=" …")


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
    return f"{probe.requests} requests during the rollout, {probe.failed} failed{gap}"
