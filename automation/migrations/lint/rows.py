"""UPDATE and DELETE, and values of enums: what changes data."""

from collections.abc import Iterator

from pglast import ast
from pglast.visitors import Visitor

from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, dotted, name_of


def updated(schema: Schema, node: ast.UpdateStmt) -> Iterator[Seen]:
    """Yield what UPDATE does."""
    yield from _written(schema, name_of(node.relation), node.whereClause)


def deleted(schema: Schema, node: ast.DeleteStmt) -> Iterator[Seen]:
    """Yield what DELETE does."""
    table = name_of(node.relation)
    if table == "pg_catalog.pg_enum" or table == "pg_enum":
        yield Seen(rule="enum-value-removed", detail="from PostgreSQL's own catalogue")
    elif node.whereClause is None and not schema.is_new(table):
        yield Seen(rule="delete-all", table=table, mode="ROW EXCLUSIVE", work="write")
    else:
        yield from _written(schema, table, node.whereClause)


def enumerated(schema: Schema, node: ast.AlterEnumStmt, *, in_transaction: bool) -> Iterator[Seen]:
    """Yield what ALTER TYPE ... ADD VALUE and RENAME VALUE do."""
    name, label = dotted(node.typeName), str(node.newVal)
    if node.oldVal is not None:
        yield Seen(rule="enum-value-removed", detail=f"{name}: {node.oldVal} is now {label}")
    elif in_transaction:
        schema.fresh_labels.add(label)
        yield Seen(rule="enum-value-in-transaction", detail=f"{name}: {label}")


def uses_fresh_label(schema: Schema, node: ast.Node) -> str | None:
    """Return the enum's value that a statement uses in the transaction that added it."""

    class Texts(Visitor):
        found: str | None = None

        def visit_A_Const(self, _ancestors: object, node: ast.A_Const) -> None:  # noqa: N802
            if isinstance(node.val, ast.String) and node.val.sval in schema.fresh_labels:
                self.found = node.val.sval

    if not schema.fresh_labels:
        return None
    texts = Texts()
    texts(node)
    return texts.found


def _written(schema: Schema, table: str, where: ast.Node | None) -> Iterator[Seen]:
    if schema.is_new(table) or _is_batch(where):
        yield Seen(table=table, mode="ROW EXCLUSIVE")
    else:
        detail = "every row" if where is None else "rows that match"
        yield Seen(rule="unbatched-write", table=table, mode="ROW EXCLUSIVE", work="write",
                   detail=detail)  # fmt: skip


def _is_batch(where: ast.Node | None) -> bool:
    """Tell whether a condition bounds the rows: a LIMIT below it, a range of a key, or a key."""

    class Bounds(Visitor):
        found: bool = False

        def visit_SelectStmt(self, _ancestors: object, node: ast.SelectStmt) -> None:  # noqa: N802
            self.found = self.found or node.limitCount is not None

        def visit_A_Expr(self, _ancestors: object, node: ast.A_Expr) -> None:  # noqa: N802
            kind = node.kind.name if node.kind is not None else ""
            constants = isinstance(node.rexpr, tuple | ast.A_Const)
            if kind in ("AEXPR_BETWEEN", "AEXPR_IN") and constants:
                self.found = True

    if where is None:
        return False
    bounds = Bounds()
    bounds(where)
    return bounds.found
