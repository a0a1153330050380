"""squawk's findings, merged with Slipway's own: https://squawkhq.com/docs/rules.

Where both know a rule, Slipway's verdict stands: it knows the sizes and types of the live tables.
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from automation.errors import SlipwayError
from automation.migrations.lint.finding import Finding, Kind
from automation.migrations.lint.linter import Subject
from automation.processes import environment, run

LIMIT_SECONDS = 60.0
STYLE = (
    "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity", "prefer-text-field",
    "prefer-timestamp-tz", "prefer-robust-stmts", "ban-char-field", "transaction-nesting",
    "ban-uncommitted-transaction", "require-enum-value-ordering", "require-lock-timeout",
    "require-statement-timeout", "require-timeout-settings",
)  # fmt: skip
"""Taste, or what Slipway sees to itself: it sets the timeouts and runs each revision once."""

SAME: Mapping[str, tuple[str, ...]] = {
    "adding-field-with-default": ("volatile-default", "generated-column"),
    "adding-foreign-key-constraint": ("foreign-key-validated",),
    "adding-not-nullable-field": ("set-not-null",),
    "adding-required-field": ("required-column",),
    "adding-serial-primary-key-field": ("volatile-default", "constraint-builds-index"),
    "ban-concurrent-index-creation-in-transaction": ("not-in-transaction",),
    "ban-drop-column": ("drop-column",),
    "ban-drop-constraint": ("drop-constraint",),
    "ban-drop-default": ("drop-default",),
    "ban-drop-extension": ("drop-object",),
    "ban-drop-function": ("drop-object",),
    "ban-drop-schema": ("drop-object",),
    "ban-drop-sequence": ("drop-object",),
    "ban-drop-table": ("drop-table",),
    "ban-drop-type": ("drop-object",),
    "ban-drop-view": ("drop-object",),
    "ban-truncate-cascade": ("truncate",),
    "changing-column-type": ("change-type-rewrite", "change-type-narrow", "enum-value-removed"),
    "constraint-missing-not-valid": (
        "foreign-key-validated", "check-validated", "constraint-builds-index",
    ),
    "disallowed-unique-constraint": ("constraint-builds-index",),
    "renaming-column": ("rename-column",),
    "renaming-object": ("rename-object",),
    "renaming-table": ("rename-table",),
    "require-concurrent-index-creation": ("index-not-concurrent",),
    "require-concurrent-index-deletion": ("drop-index-not-concurrent",),
    "require-concurrent-reindex": ("reindex-not-concurrent",),
}  # fmt: skip
"""squawk's name -> Slipway's."""

KINDS: Mapping[str, tuple[Kind, bool]] = {
    "require-concurrent-partition-detach": ("lock", False),
    "ban-alter-domain-with-add-constraint": ("lock", False),
    "ban-create-domain-with-constraint": ("lock", False),
    "ban-drop-database": ("drop", True),
    "ban-set-schema": ("drop", True),
}
"""Kind of what only squawk knows, and whether the old release may not work afterwards."""


def merged(subjects: Sequence[Subject], own: Sequence[Finding]) -> tuple[tuple[Finding, ...], str]:
    """Return all findings, and why squawk did not run; empty where it did."""
    try:
        found = _ask(subjects)
    except (OSError, SlipwayError, ValueError) as error:
        return tuple(own), f"squawk did not run: {error}"
    unread = {each.statement for each in own if each.rule == "not-sql"}
    result = list(own)
    for theirs in found:
        same = [
            at
            for at, each in enumerate(result)
            if each.revision == theirs.revision
            and each.statement == theirs.statement
            and each.rule in (*SAME.get(theirs.rule, ()), theirs.rule)
        ]
        for at in same:
            if "squawk" not in result[at].sources:
                result[at] = replace(result[at], sources=(*result[at].sources, "squawk"))
        if not same and (theirs.rule not in SAME or theirs.statement in unread):
            result.append(theirs)
    order = {each.revision.id: at for at, each in enumerate(subjects)}
    return tuple(sorted(result, key=lambda each: order[each.revision])), ""


def _ask(subjects: Sequence[Subject]) -> list[Finding]:
    with tempfile.TemporaryDirectory(prefix="slipway-lint-") as folder:
        lines = {
            f"{at}.sql": (subject, _write(Path(folder) / f"{at}.sql", subject))
            for at, subject in enumerate(subjects)
        }
        program = Path(sys.executable).with_name("squawk")
        command = [str(program), "--reporter=json", f"--exclude={','.join(STYLE)}", *lines]
        # Its answer is one line, and its exit code says only whether there is anything to say.
        done = run(command, cwd=Path(folder), env=environment(), timeout=LIMIT_SECONDS, keep=1000)
        said = "\n".join(done.tail)
        if not said.startswith("["):
            raise ValueError(said[-300:] or f"exit {done.code}")
        found: list[Finding] = []
        for each in json.loads(said):
            subject, texts = lines[Path(each["file"]).name]
            rule = str(each["rule_name"])
            kind, incompatible = KINDS.get(rule, ("unsafe", False))
            finding = Finding(
                rule=rule,
                kind=kind,
                revision=subject.revision.id,
                message=str(each["message"]),
                instead=str(each["help"] or f"See https://squawkhq.com/docs/{rule}."),
                statement=texts[min(int(each["line"]), len(texts) - 1)],
                incompatible=incompatible,
                allowed=rule in subject.revision.marker.allow,
                held=subject.held,
                sources=("squawk",),
            )
            found.append(finding)
        return found


def _write(path: Path, subject: Subject) -> list[str]:
    """Write a revision down as squawk reads it; return the statement of each line."""
    text: list[str] = []
    of_line: list[str] = []
    inside = False
    for statement in subject.script.statements:
        if statement.in_transaction != inside:
            text.append("BEGIN;" if statement.in_transaction else "COMMIT;")
            of_line.append("")
            inside = statement.in_transaction
        lines = f"{statement.text}\n;".split("\n")
        text += lines
        of_line += [statement.text] * len(lines)
    path.write_text("\n".join(text or [""]), "utf-8")
    return of_line or [""]
