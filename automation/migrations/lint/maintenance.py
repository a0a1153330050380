"""Indexes, explicit locks and maintenance."""

from collections.abc import Iterator, Sequence

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg

from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, name_of

EXCLUSIVE, QUIET = "ACCESS EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"
MODES = (
    "", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", QUIET, "SHARE", "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE", EXCLUSIVE,
)  # fmt: skip
"""By the number that the parser gives: src/include/storage/lockdefs.h of PostgreSQL."""


def indexed(_schema: Schema, node: ast.IndexStmt) -> Iterator[Seen]:
    """Yield what CREATE INDEX does."""
    table, name = name_of(node.relation), node.idxname
    if node.concurrent:
        yield Seen(table=table, mode=QUIET, work="index")
    else:
        yield Seen(rule="index-not-concurrent", table=table, mode="SHARE", work="index",
                   detail=name)  # fmt: skip


def locked(_schema: Schema, node: ast.LockStmt) -> Iterator[Seen]:
    """Yield what LOCK TABLE does."""
    mode = MODES[node.mode or 8]
    for relation in node.relations:
        if isinstance(relation, ast.RangeVar):
            harmless = mode in ("ACCESS SHARE", "ROW SHARE")
            yield Seen(rule="" if harmless else "lock-table", table=name_of(relation), mode=mode,
                       detail=mode)  # fmt: skip


def vacuumed(_schema: Schema, node: ast.VacuumStmt) -> Iterator[Seen]:
    """Yield what VACUUM does; only FULL keeps anybody waiting."""
    full = "full" in _options(node.options)
    for each in node.rels:
        if isinstance(each, ast.VacuumRelation):
            table = name_of(each.relation)
            if full:
                yield Seen(rule="rewrite-table", table=table, mode=EXCLUSIVE, work="rewrite",
                           detail="VACUUM FULL")  # fmt: skip
            else:
                yield Seen(table=table, mode=QUIET, work="scan")


def clustered(_schema: Schema, node: ast.ClusterStmt) -> Iterator[Seen]:
    """Yield what CLUSTER does."""
    if node.relation is not None:
        yield Seen(rule="rewrite-table", table=name_of(node.relation), mode=EXCLUSIVE,
                   work="rewrite", detail="CLUSTER")  # fmt: skip


def reindexed(schema: Schema, node: ast.ReindexStmt) -> Iterator[Seen]:
    """Yield what REINDEX does."""
    name = name_of(node.relation) if node.relation is not None else node.name or "?"
    table = schema.table_of_index(name) if node.kind == pg.REINDEX_OBJECT_INDEX else name
    if is_concurrent(node):
        yield Seen(table=table, mode=QUIET, work="index")
    else:
        yield Seen(rule="reindex-not-concurrent", table=table, mode="SHARE", work="index",
                   detail=name)  # fmt: skip


def is_concurrent(node: ast.ReindexStmt) -> bool:
    """Tell whether a REINDEX lets others write meanwhile."""
    return "concurrently" in _options(node.params)


def refreshed(_schema: Schema, node: ast.RefreshMatViewStmt) -> Iterator[Seen]:
    """Yield what REFRESH MATERIALIZED VIEW does."""
    table = name_of(node.relation)
    if node.concurrent:
        yield Seen(table=table, mode="EXCLUSIVE", work="none")
    else:
        yield Seen(rule="refresh-not-concurrent", table=table, mode=EXCLUSIVE, work="rewrite")


def _options(options: Sequence[ast.AstNode]) -> set[str]:
    return {
        each.defname
        for each in options
        # `VACUUM (FULL off)`
        if isinstance(each, ast.DefElem)
        and not (isinstance(each.arg, ast.String) and each.arg.sval in ("off", "false"))
    }
