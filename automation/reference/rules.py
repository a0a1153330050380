"""The rules of the lint of migrations."""

from automation.migrations.lint.rules import RULES
from automation.reference.tables import table


def rules() -> str:
    """Return every rule with its kind, what it is about and what to do instead."""
    rows = [
        (f"`{name}`", f"`{each.kind}`", f"{each.message[:1].upper()}{each.message[1:]}.",
         each.instead)
        for name, each in RULES.items()
    ]  # fmt: skip
    return table(("Rule", "Kind", "What it does", "Instead"), rows)
