"""The lint of a whole migration: every statement of every revision, in the order they run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from automation.migrations.catalogue import Catalogue
from automation.migrations.lint import estimate
from automation.migrations.lint.finding import BLOCKS, Finding, Lock
from automation.migrations.lint.rules import RULES
from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema
from automation.migrations.lint.statements import look
from automation.migrations.sql import Script, Statement
from automation.specification.revision import Revision

WORTH_SECONDS = 1.0
"""A lock that is held for less, by a statement that only waits for another, is not reported."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A revision to look at. `held`: it is contracting, and applied later than the others."""

    revision: Revision
    script: Script
    held: bool = False


@dataclass(frozen=True, kw_only=True)
class _Sight:
    """What was seen, where. `group` numbers the transaction, None outside of any."""

    subject: Subject
    statement: Statement
    seen: Seen
    group: int | None
    known: bool
    seconds: float | None


def lint(subjects: Sequence[Subject], catalogue: Catalogue) -> tuple[Finding, ...]:
    """Return what the revisions do to a database that is as the catalogue says."""
    schema, sights = Schema(catalogue), list[_Sight]()
    group = 0
    for subject in subjects:
        # Each revision is run by itself, so none shares a transaction with the one before.
        group += 1
        schema.fresh_labels.clear()
        for statement in subject.script.statements:
            if not statement.in_transaction:
                group += 1
                schema.fresh_labels.clear()
            for seen in look(schema, statement):
                sights.append(_sight(schema, subject, statement, seen, group))
    found: list[Finding] = []
    for subject in subjects:
        found += _of_revision(subject)
        mine = [each for each in sights if each.subject is subject]
        for sight in mine:
            found += _findings(schema, sight, mine)
    return tuple(dict.fromkeys(found))


def _sight(
    schema: Schema, subject: Subject, statement: Statement, seen: Seen, group: int
) -> _Sight:
    table = seen.table or ""
    return _Sight(
        subject=subject,
        statement=statement,
        seen=seen,
        group=group if statement.in_transaction else None,
        known=not schema.is_new(table),
        seconds=0.0 if schema.is_new(table) else estimate.seconds(seen.work, schema.table(table)),
    )


def _findings(schema: Schema, sight: _Sight, sights: Sequence[_Sight]) -> list[Finding]:
    seen, table = sight.seen, sight.seen.table
    if seen.mode is None or table is None:
        return [_finding(schema, sight, seen.rule, None)] if seen.rule else []
    if not sight.known and not seen.impossible:
        return []
    held = _held_seconds(sight, sights)
    seconds = None if sight.seconds is None else held
    lock, found = Lock(mode=seen.mode, seconds=seconds), list[Finding]()
    waits = BLOCKS.get(seen.mode, "writes") != "schema changes" and seen.mode != "ROW EXCLUSIVE"
    if seen.rule:
        found.append(_finding(schema, sight, seen.rule, lock))
    elif waits and seen.work == "none" and held >= WORTH_SECONDS and not _told(sight, sights):
        found.append(_finding(schema, sight, "lock-held", lock))
    if waits and (open_for := schema.open_for(table)):
        waiting = replace(seen, detail=f"open for {open_for:.0f} s")
        found.append(_finding(schema, replace(sight, seen=waiting), "lock-wait", lock))
    return found


def _held_seconds(sight: _Sight, sights: Sequence[_Sight]) -> float:
    """Return how long a lock is held: for its statement, and for the rest of its transaction."""
    first = next(at for at, each in enumerate(sights) if each.statement is sight.statement)
    worst: dict[int, float] = {}
    for each in sights[first:]:
        same = each.group == sight.group if sight.group is not None else False
        if same or each.statement is sight.statement:
            key = id(each.statement)
            worst[key] = max(worst.get(key, 0.0), each.seconds or 0.0)
    return sum(worst.values())


def _told(sight: _Sight, sights: Sequence[_Sight]) -> bool:
    """Tell whether another part of the statement is reported for the same table anyway."""
    return any(
        each.seen.rule and each.statement is sight.statement and each.seen.table == sight.seen.table
        for each in sights
    )


def _finding(schema: Schema, sight: _Sight, name: str, lock: Lock | None) -> Finding:
    rule, seen = RULES[name], sight.seen
    table = schema.table(seen.table) if seen.table else None
    return Finding(
        rule=name,
        kind=rule.kind,
        revision=sight.subject.revision.id,
        message=f"{seen.detail}: {rule.message}" if seen.detail else rule.message,
        instead=rule.instead,
        statement=sight.statement.text,
        table=seen.table,
        rows=table.rows if table else None,
        bytes=table.bytes if table else None,
        lock=lock,
        incompatible=rule.incompatible,
        impossible=rule.impossible or seen.impossible,
        allowed=name in sight.subject.revision.marker.allow,
        held=sight.subject.held,
    )


def _of_revision(subject: Subject) -> list[Finding]:
    """Return what is to be said of a revision as a whole."""
    script, revision = subject.script, subject.revision
    outside = sum(not each.in_transaction for each in script.statements)
    told = {
        "no-downgrade": revision.irreversible_because,
        "sql-unknown": script.problem,
        "partly-applied": f"{outside} of {len(script.statements)} statements are outside of a "
        "transaction" if outside and len(script.statements) > 1 else "",
    }  # fmt: skip
    return [
        Finding(
            rule=name,
            kind=RULES[name].kind,
            revision=revision.id,
            message=f"{reason}: {RULES[name].message}",
            instead=RULES[name].instead,
            allowed=name in revision.marker.allow,
            held=subject.held,
        )
        for name, reason in told.items()
        if reason
    ]
