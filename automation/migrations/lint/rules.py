"""Slipway's own rules: what each is about, and what to do instead."""

from collections.abc import Mapping
from dataclasses import dataclass

from automation.migrations.lint.finding import Kind


@dataclass(frozen=True)
class Rule:
    """`incompatible`: the old release may not work afterwards. `impossible`: it never runs."""

    kind: Kind
    message: str
    instead: str
    incompatible: bool = False
    impossible: bool = False


NOT_VALID = "Add it NOT VALID, then VALIDATE CONSTRAINT in a later revision."
LATER = "Do it in a contracting revision, when no release uses it any more."
EXPAND = "Add the new one, write both, copy, and drop the old one in a contracting revision."
BLOCK = "Run it in `with op.get_context().autocommit_block():`."

RULES: Mapping[str, Rule] = {
    "index-not-concurrent": Rule(
        "lock", "builds an index while nobody can write", "CREATE INDEX CONCURRENTLY. " + BLOCK
    ),
    "constraint-builds-index": Rule(
        "lock",
        "builds a unique index while nobody can read or write",
        "Build the index CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX.",
    ),
    "foreign-key-validated": Rule(
        "lock", "checks every row while nobody can write either table", NOT_VALID
    ),
    "check-validated": Rule(
        "lock", "checks every row while nobody can read or write", NOT_VALID
    ),
    "set-not-null": Rule(
        "narrow",
        "the old release may still write nulls; every row is checked under the lock",
        "ADD CHECK (column IS NOT NULL) NOT VALID, validate it, then SET NOT NULL: no scan.",
        incompatible=True,
    ),
    "drop-index-not-concurrent": Rule(
        "lock", "waits for every user of the table", "DROP INDEX CONCURRENTLY. " + BLOCK
    ),
    "reindex-not-concurrent": Rule(
        "lock", "builds indexes again while nobody can write", "REINDEX ... CONCURRENTLY."
    ),
    "refresh-not-concurrent": Rule(
        "lock",
        "computes the view again while nobody can read it",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY, with a unique index on it.",
    ),
    "lock-table": Rule(
        "lock", "locks the table until the transaction ends", "Lock rows, or nothing at all."
    ),
    "lock-held": Rule(
        "lock",
        "keeps its lock while its transaction works on something else",
        "Put the slow statements into a revision of their own.",
    ),
    "lock-wait": Rule(
        "lock",
        "waits for a transaction that has been open for long, and all others wait behind it",
        "End that transaction first, or migrate when it is done.",
    ),
    "change-type-rewrite": Rule(
        "rewrite", "writes the whole table anew while nobody can read or write", EXPAND
    ),
    "change-type-narrow": Rule(
        "narrow", "what the old release writes may no longer fit", EXPAND, incompatible=True
    ),
    "volatile-default": Rule(
        "rewrite",
        "computes a value for every row while nobody can read or write",
        "Add the column without it, set the default for new rows, fill old rows in batches.",
    ),
    "generated-column": Rule(
        "rewrite",
        "writes the whole table anew while nobody can read or write",
        "Add a plain column, keep it with a trigger, fill old rows in batches.",
    ),
    "rewrite-table": Rule(
        "rewrite",
        "writes the whole table anew while nobody can read or write",
        "Use pg_repack or plain VACUUM.",
    ),
    "drop-table": Rule("drop", "the old release may still use it", LATER, incompatible=True),
    "drop-column": Rule("drop", "the old release may still use it", LATER, incompatible=True),
    "drop-object": Rule("drop", "the old release may still use it", LATER, incompatible=True),
    "drop-constraint": Rule(
        "drop", "what it kept out may come in", "Make sure that nothing relies on it."
    ),
    "drop-default": Rule(
        "drop", "the old release may count on the default", LATER, incompatible=True
    ),
    "rename-table": Rule("drop", "the old release knows the old name", EXPAND, incompatible=True),
    "rename-column": Rule("drop", "the old release knows the old name", EXPAND, incompatible=True),
    "rename-object": Rule("drop", "the old release knows the old name", EXPAND, incompatible=True),
    "truncate": Rule("drop", "all rows are lost", "Delete what is known to be unused, later."),
    "delete-all": Rule("drop", "all rows are lost", "Delete what is known to be unused, later."),
    "required-column": Rule(
        "narrow",
        "the old release inserts rows without it",
        "Give it a default, or add it nullable and require it in a contracting revision.",
        incompatible=True,
    ),
    "enum-value-removed": Rule(
        "narrow",
        "the old release may still write or read it",
        "Keep the value, or remove it in a contracting revision.",
        incompatible=True,
    ),
    "enum-value-in-transaction": Rule(
        "unsafe", "the new value cannot be used until the transaction has ended", BLOCK
    ),
    "enum-value-used": Rule(
        "unsafe",
        "uses an enum's value in the transaction that adds it, which PostgreSQL refuses",
        "Add the value in a revision before. " + BLOCK,
        impossible=True,
    ),
    "unbatched-write": Rule(
        "data",
        "changes rows in one piece; each stays locked until the end",
        "Write in batches of some thousand rows, outside of the schema's transaction.",
    ),
    "not-in-transaction": Rule(
        "unsafe",
        "cannot run inside a transaction, which PostgreSQL refuses",
        BLOCK,
        impossible=True,
    ),
    "partly-applied": Rule(
        "unsafe",
        "a failure half way leaves what was done before it",
        "Put each statement that runs outside of a transaction into a revision of its own.",
    ),
    "no-downgrade": Rule(
        "unsafe",
        "cannot be taken back",
        "Write its downgrade(); else only the backup leads back.",
    ),
    "sql-unknown": Rule(
        "unsafe",
        "its SQL is not known before it runs; the rehearsal runs it",
        "Do not read the database in upgrade(), or copy rows with one statement.",
    ),
    "not-sql": Rule("unsafe", "is not SQL that PostgreSQL can read", "Mend the statement."),
}  # fmt: skip
"""By the name that `allow` in a revision's marker uses."""
