"""UPDATE and DELETE, and values of enums: what changes data."""

from collections.abc import Iterator

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg
from postgast import walk_typed

from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, dotted, name_of


def updated(schema: Schema, node: ast.UpdateStmt, *, in_transaction: bool) -> Iterator[Seen]:
    """Yield what UPDATE does."""
    yield from _written(schema, name_of(node.relation), node.where_clause, in_transaction)


def deleted(schema: Schema, node: ast.DeleteStmt, *, in_transaction: bool) -> Iterator[Seen]:
    """Yield what DELETE does."""
    table = name_of(node.relation)
    if table == "pg_catalog.pg_enum" or table == "pg_enum":
        yield Seen(rule="enum-value-removed", detail="from PostgreSQL's own catalogue")
    elif node.where_clause is None and not schema.is_new(table):
        yield Seen(rule="delete-all", table=table, mode="ROW EXCLUSIVE", work="write")
    else:
        yield from _written(schema, table, node.where_clause, in_transaction)


def enumerated(schema: Schema, node: ast.AlterEnumStmt, *, in_transaction: bool) -> Iterator[Seen]:
    """Yield what ALTER TYPE ... ADD VALUE and RENAME VALUE do."""
    name, label = dotted(node.type_name), node.new_val
    if node.old_val:
        yield Seen(rule="enum-value-removed", detail=f"{name}: {node.old_val} is now {label}")
    elif in_transaction:
        schema.fresh_labels.add(label)
        yield Seen(rule="enum-value-in-transaction", detail=f"{name}: {label}")


def uses_fresh_label(schema: Schema, node: ast.AstNode) -> str | None:
    """Return the enum's value that a statement uses in the transaction that added it."""
    if not schema.fresh_labels:
        return None
    constants = (each.val for _, each in walk_typed(node) if isinstance(each, ast.A_Const))
    texts = (each.sval for each in constants if isinstance(each, ast.String))
    return next((text for text in texts if text in schema.fresh_labels), None)


def _written(
    schema: Schema, table: str, where: ast.AstNode | None, in_transaction: bool
) -> Iterator[Seen]:
    # Rows that a loop writes one by one are a batch only where each is let go of at once.
    alone = not in_transaction and _is_keyed(where)
    if schema.is_new(table) or alone or _is_batch(where):
        yield Seen(table=table, mode="ROW EXCLUSIVE")
    else:
        detail = "every row" if where is None else "rows that match"
        yield Seen(rule="unbatched-write", table=table, mode="ROW EXCLUSIVE", work="write",
                   detail=detail)  # fmt: skip


def _is_batch(where: ast.AstNode | None) -> bool:
    """Tell whether a condition bounds the rows: a LIMIT below it, a range of a key, or a key."""
    return where is not None and any(_bounds(each) for _, each in walk_typed(where))


def _is_keyed(where: ast.AstNode | None) -> bool:
    """Tell whether rows are named by the value of a parameter."""
    equals = (
        (each for _, each in walk_typed(where) if isinstance(each, ast.A_Expr)) if where else ()
    )
    return any(
        each.kind == pg.AEXPR_OP
        and dotted(each.name) == "="
        and isinstance(each.rexpr, ast.ParamRef)
        for each in equals
    )


def _bounds(node: ast.AstNode) -> bool:
    if isinstance(node, ast.SelectStmt):
        return node.limit_count is not None
    if not isinstance(node, ast.A_Expr):
        return False
    constants = isinstance(node.rexpr, ast.List | ast.A_Const)
    return constants and node.kind in (pg.AEXPR_BETWEEN, pg.AEXPR_IN)
