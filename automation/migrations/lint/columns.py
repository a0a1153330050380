"""ALTER TABLE: what it does to columns."""

from collections.abc import Iterator

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg
from postgast import walk_typed

from automation.migrations.lint import constraints, types
from automation.migrations.lint.estimate import Work
from automation.migrations.lint.seen import Seen
from automation.migrations.lint.state import Schema

EXCLUSIVE = "ACCESS EXCLUSIVE"
SERIALS = {"serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"}


def added(schema: Schema, table: str, column: ast.ColumnDef) -> Iterator[Seen]:
    """Yield what ADD COLUMN does."""
    name = column.colname
    schema.columns.add((table, name))
    parts = {each.contype: each for each in column.constraints if isinstance(each, ast.Constraint)}
    default, fresh = parts.get(pg.CONSTR_DEFAULT), schema.is_new(table)
    named = types.of_node(column.type_name).name if column.type_name is not None else ""
    counted = named in SERIALS or pg.CONSTR_IDENTITY in parts
    generated = parts.get(pg.CONSTR_GENERATED)
    if counted or (default is not None and _is_volatile(default.raw_expr, schema)):
        yield Seen(rule="volatile-default", table=table, mode=EXCLUSIVE, work="rewrite",
                   detail=name)  # fmt: skip
    elif generated is not None and generated.generated_kind != "v":
        yield Seen(rule="generated-column", table=table, mode=EXCLUSIVE, work="rewrite",
                   detail=name)  # fmt: skip
    else:
        yield Seen(table=table, mode=EXCLUSIVE)
    required = pg.CONSTR_NOTNULL in parts or pg.CONSTR_PRIMARY in parts
    if required and default is None and not counted and generated is None and not fresh:
        known = schema.table(table)
        yield Seen(rule="required-column", table=table, mode=EXCLUSIVE, detail=name,
                   impossible=bool(known and known.rows))  # fmt: skip
    # A column without a default is all nulls: nothing is read to check it.
    trivial = default is None and not counted and generated is None
    for each in parts.values():
        yield from constraints.of_column(schema, table, each, trivial=trivial)


def retyped(schema: Schema, table: str, name: str, column: ast.ColumnDef) -> Iterator[Seen]:
    """Yield what ALTER COLUMN ... TYPE does."""
    if column.type_name is None:
        return
    new = types.of_node(column.type_name)
    known = schema.table(table)
    before = known.columns.get(name) if known else None
    old = types.of_text(before.type) if before else None
    labels, kept = schema.labels_of(old.name if old else ""), schema.enums.get(new.name)
    converts = not _is_plain(column.raw_default, new)
    changed = types.change(old, new, converts=converts) if old else types.Change(True, False)
    told = f"{name}: {before.type} to {_shown(new)}" if before else f"{name} to {_shown(new)}"
    if labels is not None and kept is not None:
        lost = ", ".join(label for label in labels if label not in kept)
        changed = types.Change(rewrites=changed.rewrites or kept != labels, narrows=bool(lost))
        rule, told = "enum-value-removed", f"{name}: {lost}" if lost else told
    else:
        rule = "change-type-narrow"
    work: Work = "rewrite" if changed.rewrites else "none"
    if changed.narrows:
        yield Seen(rule=rule, table=table, mode=EXCLUSIVE, work=work, detail=told)
    rule = "change-type-rewrite" if changed.rewrites else ""
    yield Seen(rule=rule, table=table, mode=EXCLUSIVE, work=work, detail=told)


def required(schema: Schema, table: str, name: str) -> Seen:
    """Return what ALTER COLUMN ... SET NOT NULL does."""
    known = schema.table(table)
    before = known.columns.get(name) if known else None
    if before is not None and before.required:
        return Seen(table=table, mode=EXCLUSIVE)
    checked = bool(before and before.checked) or (table, name) in schema.checked
    return Seen(
        rule="set-not-null",
        table=table,
        mode=EXCLUSIVE,
        detail=name,
        work="none" if checked else "scan",
    )


def _shown(type_: types.Type) -> str:
    return type_.name + (f"({', '.join(map(str, type_.sizes))})" if type_.sizes else "")


def _is_plain(using: ast.AstNode | None, new: types.Type) -> bool:
    """Tell whether USING, if there is one, only casts the column to the new type."""
    while isinstance(using, ast.TypeCast) and using.type_name is not None:
        if types.of_node(using.type_name) != new:
            return False
        using = using.arg
    return using is None or isinstance(using, ast.ColumnRef)


def _is_volatile(expression: ast.AstNode | None, schema: Schema) -> bool:
    return expression is not None and any(
        isinstance(last, ast.String) and last.sval in schema.volatile
        for _, each in walk_typed(expression)
        if isinstance(each, ast.FuncCall)
        for last in each.funcname[-1:]
    )
