"""DROP, RENAME and TRUNCATE: what the old release may look for and not find."""

from collections.abc import Iterator

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg

from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, dotted, name_of

EXCLUSIVE = "ACCESS EXCLUSIVE"
QUIET = {pg.OBJECT_STATISTIC_EXT, pg.OBJECT_RULE, pg.OBJECT_ACCESS_METHOD}
INSIDE = {pg.OBJECT_TABCONSTRAINT, pg.OBJECT_INDEX, pg.OBJECT_TRIGGER, pg.OBJECT_POLICY}
"""What applications do not name: another name hurts nobody."""


def dropped(schema: Schema, node: ast.DropStmt) -> Iterator[Seen]:
    """Yield what DROP does."""
    kind = node.remove_type
    for each in node.objects:
        name = _name(each)
        if kind == pg.OBJECT_INDEX:
            table = schema.table_of_index(name)
            if node.concurrent:
                yield Seen(table=table, mode="SHARE UPDATE EXCLUSIVE")
            elif not schema.is_new(table) and table != "?":
                yield Seen(rule="drop-index-not-concurrent", table=table, mode=EXCLUSIVE,
                           detail=name)  # fmt: skip
        elif kind == pg.OBJECT_TABLE:
            if not schema.is_new(name):
                yield Seen(rule="drop-table", table=name, mode=EXCLUSIVE)
        elif kind not in QUIET:
            yield Seen(rule="drop-object", detail=f"{_word(kind)} {name}")


def renamed(schema: Schema, node: ast.RenameStmt) -> Iterator[Seen]:
    """Yield what RENAME does."""
    kind = node.rename_type
    table = name_of(node.relation) if node.relation is not None else None
    if kind == pg.OBJECT_TABLE:
        yield Seen(rule="rename-table", table=table, mode=EXCLUSIVE, detail=f"to {node.newname}")
    elif kind == pg.OBJECT_COLUMN:
        detail = f"{node.subname} to {node.newname}"
        new = table is not None and (table, node.subname) in schema.columns
        yield Seen(rule="" if new else "rename-column", table=table, mode=EXCLUSIVE, detail=detail)
    elif kind in INSIDE:
        yield Seen(table=table, mode="SHARE UPDATE EXCLUSIVE")
    elif kind != pg.OBJECT_TYPE:
        # The type's old name is in no statement of an application that does not cast to it.
        yield Seen(rule="rename-object", detail=f"{_word(kind)} to {node.newname}")


def truncated(_schema: Schema, node: ast.TruncateStmt) -> Iterator[Seen]:
    """Yield what TRUNCATE does."""
    for relation in node.relations:
        if isinstance(relation, ast.RangeVar):
            yield Seen(rule="truncate", table=name_of(relation), mode=EXCLUSIVE)


def _name(each: ast.AstNode) -> str:
    if isinstance(each, ast.List):
        return dotted(each.items)
    if isinstance(each, ast.TypeName):
        return dotted(each.names)
    if isinstance(each, ast.ObjectWithArgs):
        return dotted(each.objname)
    return each.sval if isinstance(each, ast.String) else "?"


def _word(kind: int) -> str:
    name = str(pg.ObjectType.Name(kind))
    return name.removeprefix("OBJECT_").replace("MATVIEW", "materialized view").lower()
