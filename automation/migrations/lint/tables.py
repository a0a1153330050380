"""ALTER TABLE: its parts, each by what it does."""

from collections.abc import Iterator

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg

from automation.migrations.lint import columns, constraints
from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, name_of

EXCLUSIVE = "ACCESS EXCLUSIVE"
REWRITES = {
    pg.AT_SetLogged, pg.AT_SetUnLogged, pg.AT_SetTableSpace, pg.AT_SetAccessMethod,
}  # fmt: skip
CHEAP = {
    pg.AT_SetStatistics: "SHARE UPDATE EXCLUSIVE",
    pg.AT_SetRelOptions: "SHARE UPDATE EXCLUSIVE",
    pg.AT_ResetRelOptions: "SHARE UPDATE EXCLUSIVE",
    pg.AT_SetOptions: "SHARE UPDATE EXCLUSIVE",
    pg.AT_AttachPartition: "SHARE UPDATE EXCLUSIVE",
}
"""Locks that are weaker than ACCESS EXCLUSIVE, which is what any other part takes."""


def created(schema: Schema, node: ast.CreateStmt) -> Iterator[Seen]:
    """Yield the locks that a new table's foreign keys take on the tables that they name."""
    parts = [each for each in node.table_elts if isinstance(each, ast.Constraint)]
    for column in node.table_elts:
        if isinstance(column, ast.ColumnDef):
            parts += [each for each in column.constraints if isinstance(each, ast.Constraint)]
    for part in parts:
        other = name_of(part.pktable) if part.pktable is not None else None
        if other is not None and other != name_of(node.relation) and not schema.is_new(other):
            yield Seen(table=other, mode="SHARE ROW EXCLUSIVE")


def altered(schema: Schema, node: ast.AlterTableStmt) -> Iterator[Seen]:
    """Yield what every part of an ALTER TABLE does."""
    if node.objtype != pg.OBJECT_TABLE:
        return
    table = name_of(node.relation)
    for part in node.cmds:
        if isinstance(part, ast.AlterTableCmd):
            yield from _part(schema, table, part)


def _part(schema: Schema, table: str, part: ast.AlterTableCmd) -> Iterator[Seen]:
    action, name, detail = part.subtype, part.name, part.def_
    if action == pg.AT_AddColumn and isinstance(detail, ast.ColumnDef):
        yield from columns.added(schema, table, detail)
    elif action == pg.AT_AlterColumnType and isinstance(detail, ast.ColumnDef):
        yield from columns.retyped(schema, table, name, detail)
    elif action == pg.AT_SetNotNull:
        yield columns.required(schema, table, name)
    elif action == pg.AT_DropColumn:
        # One that this migration added is known to nobody.
        known = (table, name) in schema.columns
        yield Seen(rule="" if known else "drop-column", table=table, mode=EXCLUSIVE, detail=name)
    elif action == pg.AT_ColumnDefault and detail is None:
        yield Seen(rule="drop-default", table=table, mode=EXCLUSIVE, detail=name)
    elif action == pg.AT_AddConstraint and isinstance(detail, ast.Constraint):
        yield from constraints.added(schema, table, detail)
    elif action == pg.AT_ValidateConstraint:
        yield constraints.validated(schema, table, name)
    elif action == pg.AT_DropConstraint:
        yield Seen(rule="drop-constraint", table=table, mode=EXCLUSIVE, detail=name)
    elif action in REWRITES:
        yield Seen(rule="rewrite-table", table=table, mode=EXCLUSIVE, work="rewrite")
    else:
        yield Seen(table=table, mode=CHEAP.get(action, EXCLUSIVE))
