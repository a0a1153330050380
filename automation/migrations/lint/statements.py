"""One statement: which rules look at it, and whether it may be where it is."""

from collections.abc import Iterator

from postgast import nodes as ast

from automation.migrations import parsed
from automation.migrations.lint import maintenance, removals, rows, tables
from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema
from automation.migrations.sql import Statement


def look(schema: Schema, statement: Statement) -> list[Seen]:
    """Return what a statement does, and take it into the schema."""
    try:
        node = parsed.parsed(statement.text)
    except parsed.UnreadableError as error:
        return [Seen(rule="not-sql", detail=str(error))]
    found = list(_seen(schema, node, statement.in_transaction))
    label = None if isinstance(node, ast.AlterEnumStmt) else rows.uses_fresh_label(schema, node)
    if label is not None:
        found.append(Seen(rule="enum-value-used", detail=label, impossible=True))
    if statement.in_transaction and (name := _needs_no_transaction(node)):
        found.append(Seen(rule="not-in-transaction", detail=name, impossible=True))
    schema.learn(node)
    return found


def _seen(schema: Schema, node: ast.AstNode, in_transaction: bool) -> Iterator[Seen]:
    if isinstance(node, ast.CreateStmt):
        yield from tables.created(schema, node)
    elif isinstance(node, ast.AlterTableStmt):
        yield from tables.altered(schema, node)
    elif isinstance(node, ast.DropStmt):
        yield from removals.dropped(schema, node)
    elif isinstance(node, ast.RenameStmt):
        yield from removals.renamed(schema, node)
    elif isinstance(node, ast.TruncateStmt):
        yield from removals.truncated(schema, node)
    elif isinstance(node, ast.UpdateStmt):
        yield from rows.updated(schema, node, in_transaction=in_transaction)
    elif isinstance(node, ast.DeleteStmt):
        yield from rows.deleted(schema, node, in_transaction=in_transaction)
    elif isinstance(node, ast.AlterEnumStmt):
        yield from rows.enumerated(schema, node, in_transaction=in_transaction)
    else:
        yield from _maintained(schema, node)


def _maintained(schema: Schema, node: ast.AstNode) -> Iterator[Seen]:
    if isinstance(node, ast.IndexStmt):
        yield from maintenance.indexed(schema, node)
    elif isinstance(node, ast.LockStmt):
        yield from maintenance.locked(schema, node)
    elif isinstance(node, ast.VacuumStmt):
        yield from maintenance.vacuumed(schema, node)
    elif isinstance(node, ast.ClusterStmt):
        yield from maintenance.clustered(schema, node)
    elif isinstance(node, ast.ReindexStmt):
        yield from maintenance.reindexed(schema, node)
    elif isinstance(node, ast.RefreshMatViewStmt):
        yield from maintenance.refreshed(schema, node)


def _needs_no_transaction(node: ast.AstNode) -> str:
    """Return the name of a statement that PostgreSQL refuses inside a transaction, or nothing."""
    if isinstance(node, ast.IndexStmt) and node.concurrent:
        return "CREATE INDEX CONCURRENTLY"
    if isinstance(node, ast.DropStmt) and node.concurrent:
        return "DROP INDEX CONCURRENTLY"
    if isinstance(node, ast.ReindexStmt) and maintenance.is_concurrent(node):
        return "REINDEX CONCURRENTLY"
    if isinstance(node, ast.VacuumStmt) and node.is_vacuumcmd:
        return "VACUUM"
    if isinstance(node, ast.CreatedbStmt | ast.DropdbStmt):
        return "CREATE or DROP DATABASE"
    return "ALTER SYSTEM" if isinstance(node, ast.AlterSystemStmt) else ""
