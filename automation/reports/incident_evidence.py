"""The evidence and the timeline of an incident, in Markdown."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain

from automation.reports.cause import failed_gate, trigger
from automation.reports.course import GateFact
from automation.reports.facts import Facts
from automation.reports.happened import PerformanceFact, ProbeFact
from automation.reports.markdown import bullets, code, plain
from automation.reports.migration import migration_rows
from automation.reports.reasons import not_observed

FENCE = "````"
"""Longer than any that a log is likely to hold."""


def evidence(facts: Facts) -> list[str]:
    """Return the numbers of the gate, what users met, flows, checks, and the end of the log."""
    gate = failed_gate(facts)
    return [
        "### The gate",
        "",
        *(_numbers(gate) if gate else ["No gate failed, or none was recorded."]),
        "",
        "### Requests through the public address",
        "",
        *_probe(facts),
        *_migration(facts),
        "",
        "### What else did not pass",
        "",
        *bullets(list(_unpassed(facts)), "Nothing else that was observed."),
        *_log(gate),
    ]


def timeline(facts: Facts) -> list[str]:
    """Return every event with its time in UTC, oldest first."""
    told: list[tuple[datetime, str, str]] = [(e.at, e.kind, e.text) for e in facts.timeline]
    told += [(gate.at, "verdict", _verdict(gate)) for gate in facts.gates if gate.at]
    told += [(issue.at, "issue", issue.description) for issue in facts.issues]
    began = (facts.started_at, "begin", f"deployment {facts.deployment} by {facts.deployer}")
    rows = sorted([began, *told], key=lambda row: row[0])
    return [
        "| Time (UTC) | | What |",
        "| --- | --- | --- |",
        *(f"| {_clock(at)} | {kind} | {plain(text)} |" for at, kind, text in rows),
    ]


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def _verdict(gate: GateFact) -> str:
    where = " ".join(part for part in (gate.service, gate.slot) if part)
    share = "" if gate.weight is None else f" at {gate.weight} %"
    return f"{gate.gate}{f' of {where}' if where else ''}{share}: {gate.verdict}, {gate.reason}"


def _numbers(gate: GateFact) -> list[str]:
    rows = [f"| {plain(name)} | {plain(value)} |" for name, value in _flat(gate.evidence)]
    if not rows:
        return [f"{plain(gate.gate)}: {plain(gate.reason)}. It gave no numbers."]
    return ["| What | Seen |", "| --- | --- |", *rows]


def _flat(found: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in found.items():
        name = f"{path}{key}"
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{name} / ")
        elif isinstance(value, list | tuple):
            yield name, ", ".join(map(str, value)) or "none"
        else:
            yield name, _number(value)


def _number(value: object) -> str:
    if value is None or value == {}:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _probe(facts: Facts) -> list[str]:
    if facts.probe is None:
        return [f"Not observed: {plain(_unprobed(facts))}."]
    probe = facts.probe
    rows = [f"Sent: {probe.requests}, failed: {probe.failed}{_share(probe)}"]
    rows += [f"{count} of them: {plain(how)}" for how, count in probe.failures.items()]
    times = (("p50", probe.p50_ms), ("p99", probe.p99_ms))
    rows += [f"{name}: {value:.1f} ms" for name, value in times if value is not None]
    if probe.longest_gap_ms is not None:
        rows.append(f"Longest time without a success: {probe.longest_gap_ms:.0f} ms")
    rows += [
        f"{served.service}: {code(served.release)} gave {served.responses} responses"
        for served in facts.served
    ]
    return [f"- {row}" for row in rows]


def _unprobed(facts: Facts) -> str:
    return facts.reasons.get("evidence.probe") or not_observed("roll_out", facts)


def _share(probe: ProbeFact) -> str:
    return f" ({100 * probe.failed / probe.requests:.3g} %)" if probe.requests else ""


def _migration(facts: Facts) -> Iterator[str]:
    """Yield what is known of a migration that failed, or that was taken back with its release."""
    known = facts.migrations
    failed = known is not None and (known.status != "success" or trigger(facts) == "migration")
    rows = migration_rows(facts) if failed else []
    if rows:
        yield from ("", "### The migration", "")
    for row in rows:
        yield f"- {row.label}: {plain(row.text)}"
        yield from (f"  - {plain(line)}" for line in row.more)


def _unpassed(facts: Facts) -> Iterator[str]:
    for flow in facts.smoke or []:
        if flow.status == "failed":
            yield f"smoke test {plain(flow.name)} ({flow.severity}): {plain(flow.error)}"
    for check in chain(facts.checks or [], facts.observations):
        if check.status == "failed":
            yield f"{plain(check.name)}: {plain(check.details)}"
    if facts.performance is not None and facts.performance.requests:
        yield from _load(facts.performance)
    for name, health in facts.health.items():
        if health.status != "healthy":
            yield f"{name}: {health.status}"


def _load(load: PerformanceFact) -> Iterator[str]:
    before = load.baseline.get("p95_ms")
    if load.failed:
        yield f"bounded load: {load.failed} of {load.requests} requests failed"
    if load.p95_ms is not None and before is not None and load.p95_ms > before:
        yield f"bounded load: p95 {load.p95_ms:.0f} ms, {before:.0f} ms with the last release"


def _log(gate: GateFact | None) -> list[str]:
    if gate is None or not gate.log:
        return []
    where = f"{gate.service} {gate.slot}"
    return ["", f"### The end of the log of {where}", "", FENCE, *gate.log, FENCE]
