"""DROP, RENAME and TRUNCATE: what the old release may look for and not find."""

from collections.abc import Iterator

from pglast import ast

from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema, dotted, name_of

EXCLUSIVE = "ACCESS EXCLUSIVE"
QUIET = {"OBJECT_COMMENT", "OBJECT_STATISTIC_EXT", "OBJECT_RULE", "OBJECT_ACCESS_METHOD"}
INSIDE = {"OBJECT_TABCONSTRAINT", "OBJECT_INDEX", "OBJECT_TRIGGER", "OBJECT_POLICY"}
"""What applications do not name: another name hurts nobody."""


def dropped(schema: Schema, node: ast.DropStmt) -> Iterator[Seen]:
    """Yield what DROP does."""
    kind = node.removeType.name if node.removeType is not None else ""
    for each in node.objects or ():
        name = _name(each)
        if kind == "OBJECT_INDEX":
            table = schema.table_of_index(name)
            if node.concurrent:
                yield Seen(table=table, mode="SHARE UPDATE EXCLUSIVE")
            elif not schema.is_new(table) and table != "?":
                yield Seen(rule="drop-index-not-concurrent", table=table, mode=EXCLUSIVE,
                           detail=name)  # fmt: skip
        elif kind == "OBJECT_TABLE":
            if not schema.is_new(name):
                yield Seen(rule="drop-table", table=name, mode=EXCLUSIVE)
        elif kind not in QUIET:
            yield Seen(rule="drop-object", detail=f"{_word(kind)} {name}")


def renamed(schema: Schema, node: ast.RenameStmt) -> Iterator[Seen]:
    """Yield what RENAME does."""
    kind = node.renameType.name if node.renameType is not None else ""
    table = name_of(node.relation) if node.relation is not None else None
    if kind == "OBJECT_TABLE":
        yield Seen(rule="rename-table", table=table, mode=EXCLUSIVE, detail=f"to {node.newname}")
    elif kind == "OBJECT_COLUMN":
        detail = f"{node.subname} to {node.newname}"
        new = table is not None and (table, str(node.subname)) in schema.columns
        yield Seen(rule="" if new else "rename-column", table=table, mode=EXCLUSIVE, detail=detail)
    elif kind in INSIDE:
        yield Seen(table=table, mode="SHARE UPDATE EXCLUSIVE")
    elif kind != "OBJECT_TYPE":
        # The type's old name is in no statement of an application that does not cast to it.
        yield Seen(rule="rename-object", detail=f"{_word(kind)} to {node.newname}")


def truncated(_schema: Schema, node: ast.TruncateStmt) -> Iterator[Seen]:
    """Yield what TRUNCATE does."""
    for relation in node.relations or ():
        if isinstance(relation, ast.RangeVar):
            yield Seen(rule="truncate", table=name_of(relation), mode=EXCLUSIVE)


def _name(each: ast.Node | tuple[ast.Node, ...]) -> str:
    if isinstance(each, tuple):
        return dotted(each)
    if isinstance(each, ast.TypeName):
        return dotted(each.names)
    if isinstance(each, ast.ObjectWithArgs):
        return dotted(each.objname)
    return str(each.sval) if isinstance(each, ast.String) else "?"


def _word(kind: str) -> str:
    return kind.removeprefix("OBJECT_").replace("MATVIEW", "materialized view").lower()
