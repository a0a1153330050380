"""A migration's plan as people read it: some lines for the terminal, all of the SQL as a file."""

from typing import TYPE_CHECKING

from automation.migrations.lint.finding import Finding
from automation.migrations.sql import Script

if TYPE_CHECKING:
    from automation.migrations.plan import MigrationPlan, PlannedRevision

SHOWN = 5
MEGA = 1_000_000


def summary(plan: "MigrationPlan") -> tuple[str, ...]:
    """Return what is worth knowing at a glance: the way, what blocks, what is worth a look."""
    if not plan.now and not plan.later:
        return ("the database is up to date",)
    start = ", ".join(plan.at) or "an empty database"
    lines = [f"{len(plan.now)} migrations from {start} to {plan.target or 'nothing'}"]
    if plan.later:
        lines.append(f"held until the old release is gone: {', '.join(e.id for e in plan.later)}")
    lines += [f"{each.id} cannot be taken back: {each.irreversible_because}"
              for each in plan.irreversible]  # fmt: skip
    decision = plan.decision
    lines += [f"blocks: {line(each)}" for each in decision.blocks]
    lines += [f"the rehearsal decides: {line(each)}" for each in decision.undecided]
    telling = [each for each in decision.warns if each.rule != "no-downgrade"]
    lines += [line(each) for each in telling[:SHOWN]]
    if len(telling) > SHOWN:
        lines.append(f"and {len(telling) - SHOWN} more in migration-plan.json")
    if plan.note:
        lines.append(plan.note)
    return tuple(lines)


def line(finding: Finding) -> str:
    """Return a finding as one line: where, what, on how much, for how long."""
    where = f" on {finding.table}" if finding.table else ""
    parts = [f"{finding.revision}: {finding.rule}{where}: {finding.message}"]
    if finding.bytes is not None:
        rows = "unknown" if finding.rows is None else f"{finding.rows:,}"
        parts.append(f"{rows} rows, {finding.bytes / MEGA:,.1f} MB")
    if finding.lock is not None:
        parts.append(f"{finding.lock.mode} {_seconds(finding)}")
    return "; ".join(parts)


def sql(plan: "MigrationPlan") -> str:
    """Return all that will be executed, and how it would be taken back, as a file of SQL."""
    text = [f"-- From {', '.join(plan.at) or 'an empty database'} to {plan.head or 'nothing'}."]
    for each in plan.now:
        text += _revision(each, "applied before the new release gets traffic")
    for each in plan.later:
        text += _revision(each, "applied when the old release is gone")
    return "\n".join(text) + "\n"


def _revision(each: "PlannedRevision", when: str) -> list[str]:
    up, down = _script(each.upgrade), _script(each.downgrade)
    if each.irreversible_because:
        down = [f"-- none: {each.irreversible_because}"]
    title = f"-- {each.id} {each.message}".rstrip()
    back = [f"-- {part}" if not part.startswith("--") else part for part in down]
    return ["", title, f"-- {each.file}; {when}", *up, "-- and back:", *back]


def _script(script: Script) -> list[str]:
    inside, lines = False, list[str]()
    for statement in script.statements:
        if statement.in_transaction != inside:
            lines.append("BEGIN;" if statement.in_transaction else "COMMIT;")
            inside = statement.in_transaction
        lines += f"{statement.text};".splitlines()
    if inside:
        lines.append("COMMIT;")
    if script.problem:
        lines.append(f"-- not known before it runs: {script.problem}")
    return lines


def _seconds(finding: Finding) -> str:
    lock = finding.lock
    if lock is None or lock.seconds is None:
        return "for an unknown time"
    how = "measured in the rehearsal" if lock.measured else "estimated"
    amount = "under 0.1 s" if lock.seconds < 0.1 else f"{lock.seconds:,.1f} s"
    return f"for {amount}, {how}"
