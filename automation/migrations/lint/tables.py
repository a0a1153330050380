"""ALTER TABLE: its parts, each by what it does."""

from collections.abc import Iterator

from pglast import ast

from automation.migrations.lint import columns, constraints
from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, name_of

EXCLUSIVE = "ACCESS EXCLUSIVE"
REWRITES = {
    "AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod",
}  # fmt: skip
CHEAP = {
    "AT_SetStatistics": "SHARE UPDATE EXCLUSIVE",
    "AT_SetRelOptions": "SHARE UPDATE EXCLUSIVE",
    "AT_ResetRelOptions": "SHARE UPDATE EXCLUSIVE",
    "AT_SetOptions": "SHARE UPDATE EXCLUSIVE",
    "AT_AttachPartition": "SHARE UPDATE EXCLUSIVE",
}
"""Locks that are weaker than ACCESS EXCLUSIVE, which is what any other part takes."""


def created(schema: Schema, node: ast.CreateStmt) -> Iterator[Seen]:
    """Yield the locks that a new table's foreign keys take on the tables that they name."""
    parts = [each for each in node.tableElts or () if isinstance(each, ast.Constraint)]
    for column in node.tableElts or ():
        if isinstance(column, ast.ColumnDef):
            parts += [each for each in column.constraints or () if isinstance(each, ast.Constraint)]
    for part in parts:
        other = name_of(part.pktable) if part.pktable is not None else None
        if other is not None and other != name_of(node.relation) and not schema.is_new(other):
            yield Seen(table=other, mode="SHARE ROW EXCLUSIVE")


def altered(schema: Schema, node: ast.AlterTableStmt) -> Iterator[Seen]:
    """Yield what every part of an ALTER TABLE does."""
    kind = node.objtype.name if node.objtype is not None else ""
    if kind != "OBJECT_TABLE":
        return
    table = name_of(node.relation)
    for part in node.cmds or ():
        if isinstance(part, ast.AlterTableCmd):
            yield from _part(schema, table, part)


def _part(schema: Schema, table: str, part: ast.AlterTableCmd) -> Iterator[Seen]:
    action = part.subtype.name if part.subtype is not None else ""
    name, detail = str(part.name or ""), part.def_
    if action == "AT_AddColumn" and isinstance(detail, ast.ColumnDef):
        yield from columns.added(schema, table, detail)
    elif action == "AT_AlterColumnType" and isinstance(detail, ast.ColumnDef):
        yield from columns.retyped(schema, table, name, detail)
    elif action == "AT_SetNotNull":
        yield columns.required(schema, table, name)
    elif action == "AT_DropColumn":
        # One that this migration added is known to nobody.
        known = (table, name) in schema.columns
        yield Seen(rule="" if known else "drop-column", table=table, mode=EXCLUSIVE, detail=name)
    elif action == "AT_ColumnDefault" and detail is None:
        yield Seen(rule="drop-default", table=table, mode=EXCLUSIVE, detail=name)
    elif action == "AT_AddConstraint" and isinstance(detail, ast.Constraint):
        yield from constraints.added(schema, table, detail)
    elif action == "AT_ValidateConstraint":
        yield constraints.validated(schema, table, name)
    elif action == "AT_DropConstraint":
        yield Seen(rule="drop-constraint", table=table, mode=EXCLUSIVE, detail=name)
    elif action in REWRITES:
        yield Seen(rule="rewrite-table", table=table, mode=EXCLUSIVE, work="rewrite")
    else:
        yield Seen(table=table, mode=CHEAP.get(action, EXCLUSIVE))
