"""Changes of a column's type: whether they rewrite the table, and whether old values still fit."""

import re
from dataclasses import dataclass

from postgast import nodes as ast

ALIASES = {
    "int2": "smallint", "int4": "integer", "int": "integer", "int8": "bigint",
    "bool": "boolean", "varchar": "character varying", "bpchar": "character", "char": "character",
    "decimal": "numeric", "float4": "real", "float8": "double precision", "varbit": "bit varying",
    "timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
    "timetz": "time with time zone", "time": "time without time zone",
}  # fmt: skip
INTEGERS = ("smallint", "integer", "bigint")
FLOATS = ("real", "double precision")
TEXTS = ("character varying", "text")
ZONED = {"timestamp with time zone", "timestamp without time zone"}
WRITTEN = re.compile(r"^(?P<name>[^(]+?)\s*(?:\((?P<size>[\d,\s]+)\))?(?P<zone> with.*)?$")


@dataclass(frozen=True)
class Type:
    """A type as PostgreSQL names it, and its sizes: `character varying`, (20,)."""

    name: str
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Change:
    """`rewrites`: the table is written anew. `narrows`: what fitted before may not fit now."""

    rewrites: bool
    narrows: bool


def of_node(node: ast.TypeName) -> Type:
    """Return the type that a statement names."""
    names = [part.sval for part in node.names if isinstance(part, ast.String)]
    name = names[-1] if names else "?"
    sizes = []
    for size in node.typmods:
        if isinstance(size, ast.A_Const) and isinstance(size.val, ast.Integer):
            sizes.append(size.val.ival)
    array = "[]" if node.array_bounds else ""
    return Type(ALIASES.get(name, name) + array, tuple(sizes))


def of_text(text: str) -> Type:
    """Return the type that the server's `format_type` names."""
    match = WRITTEN.match(text)
    if match is None:
        return Type(text)
    name = match["name"] + (match["zone"] or "")
    sizes = tuple(int(each) for each in (match["size"] or "").split(",") if each.strip())
    return Type(name.removeprefix("public."), sizes)


def change(old: Type, new: Type, *, converts: bool = False) -> Change:
    """Say what a change of type does, from the documented rules for binary coercible types.

    `converts`: the statement computes the new value by an expression (USING).
    """
    # https://www.postgresql.org/docs/18/sql-altertable.html, "Notes"
    if old == new:
        return Change(rewrites=converts, narrows=False)
    if old.name in TEXTS and new.name in TEXTS:
        wider = not new.sizes or (bool(old.sizes) and new.sizes[0] >= old.sizes[0])
        return Change(rewrites=converts or not wider, narrows=not wider)
    if old.name in INTEGERS and new.name in INTEGERS:
        return Change(True, INTEGERS.index(new.name) < INTEGERS.index(old.name))
    if old.name in FLOATS and new.name in FLOATS:
        return Change(True, FLOATS.index(new.name) < FLOATS.index(old.name))
    if old.name == new.name == "numeric":
        return _numeric(old, new, converts)
    if old.name == new.name:
        wider = not new.sizes or (bool(old.sizes) and new.sizes >= old.sizes)
        keeps = wider and old.name != "character"  # padded: another length is another value
        return Change(rewrites=converts or not keeps, narrows=not wider)
    if old.name in INTEGERS and new.name == "numeric":
        return Change(True, bool(new.sizes))
    if {old.name, new.name} == ZONED:
        return Change(True, False)
    if (old.name, new.name) in {("cidr", "inet"), ("json", "jsonb"), ("character", "text")}:
        return Change(rewrites=converts or old.name != "cidr", narrows=False)
    return Change(True, True)


def _numeric(old: Type, new: Type, converts: bool) -> Change:
    if not new.sizes:
        return Change(rewrites=converts, narrows=False)
    if not old.sizes:
        return Change(True, True)
    scales = [(sizes[1] if len(sizes) > 1 else 0) for sizes in (old.sizes, new.sizes)]
    whole = [sizes[0] - scale for sizes, scale in zip((old.sizes, new.sizes), scales, strict=True)]
    narrows = scales[1] < scales[0] or whole[1] < whole[0]
    return Change(rewrites=converts or narrows or scales[0] != scales[1], narrows=narrows)
