"""ALTER TABLE: what its constraints read, build and keep waiting."""

from collections.abc import Iterator

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg

from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, name_of

EXCLUSIVE, WRITES = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE"
INDEXED = (pg.CONSTR_PRIMARY, pg.CONSTR_UNIQUE, pg.CONSTR_EXCLUSION)


def added(schema: Schema, table: str, node: ast.Constraint) -> Iterator[Seen]:
    """Yield what ADD CONSTRAINT does."""
    yield from _seen(schema, table, node, trivial=node.skip_validation)
    column = _not_null(node)
    if column and not node.skip_validation:
        schema.checked.add((table, column))
    elif column and node.conname:
        schema.checks[node.conname] = (table, column)


def of_column(schema: Schema, table: str, node: ast.Constraint, *, trivial: bool) -> Iterator[Seen]:
    """Yield what a constraint of a new column does; `trivial` where the column is all nulls."""
    kind = node.contype
    if kind in (*INDEXED, pg.CONSTR_FOREIGN, pg.CONSTR_CHECK):
        yield from _seen(schema, table, node, trivial=trivial and kind not in INDEXED)


def validated(schema: Schema, table: str, name: str) -> Seen:
    """Return what VALIDATE CONSTRAINT does: it reads all rows, and nobody waits."""
    if name in schema.checks:
        schema.checked.add(schema.checks[name])
    return Seen(table=table, mode="SHARE UPDATE EXCLUSIVE", work="scan")


def _seen(schema: Schema, table: str, node: ast.Constraint, *, trivial: bool) -> Iterator[Seen]:
    kind, name = node.contype, node.conname
    if kind in INDEXED and node.indexname:
        yield Seen(table=table, mode=EXCLUSIVE)
    elif kind in INDEXED:
        yield Seen(rule="constraint-builds-index", table=table, mode=EXCLUSIVE, work="index",
                   detail=name)  # fmt: skip
    elif kind == pg.CONSTR_FOREIGN:
        other = name_of(node.pktable)
        if trivial:
            yield Seen(table=table, mode=WRITES)
        else:
            yield Seen(rule="foreign-key-validated", table=table, mode=WRITES, work="scan",
                       detail=f"{name or 'to'} {other}".strip())  # fmt: skip
        if not schema.is_new(other) and other != table:
            yield Seen(table=other, mode=WRITES)
    elif kind == pg.CONSTR_CHECK:
        if trivial:
            yield Seen(table=table, mode=EXCLUSIVE)
        else:
            yield Seen(rule="check-validated", table=table, mode=EXCLUSIVE, work="scan",
                       detail=name)  # fmt: skip


def _not_null(node: ast.Constraint) -> str | None:
    test = node.raw_expr
    if not isinstance(test, ast.NullTest) or test.nulltesttype != pg.IS_NOT_NULL:
        return None
    if not isinstance(test.arg, ast.ColumnRef):
        return None
    last = test.arg.fields[-1]
    return last.sval if isinstance(last, ast.String) else None
