"""What a migration that failed half way has left behind, and getting rid of it."""

from collections.abc import Collection, Iterable

import psycopg

from automation.migrations.connection import Target

MINE = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
OBJECTS = f"""\
WITH objects(class, object, part) AS (
  SELECT 'pg_class'::regclass, c.oid, 0 FROM pg_class c JOIN pg_namespace n
    ON n.oid = c.relnamespace WHERE {MINE} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I', 'f')
  UNION ALL
  SELECT 'pg_class'::regclass, a.attrelid, a.attnum FROM pg_attribute a JOIN pg_class c
    ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {MINE} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT 'pg_constraint'::regclass, x.oid, 0 FROM pg_constraint x JOIN pg_namespace n
    ON n.oid = x.connamespace WHERE {MINE}
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 0 FROM pg_type t JOIN pg_namespace n
    ON n.oid = t.typnamespace WHERE {MINE} AND t.typtype IN ('e', 'd', 'c', 'r')
    AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, 0 FROM pg_proc p JOIN pg_namespace n
    ON n.oid = p.pronamespace WHERE {MINE}
  UNION ALL
  SELECT 'pg_trigger'::regclass, t.oid, 0 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {MINE} AND NOT t.tgisinternal
  UNION ALL
  SELECT 'pg_extension'::regclass, e.oid, 0 FROM pg_extension e
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, 0 FROM pg_namespace n WHERE {MINE}
)
SELECT DISTINCT found.type, found.identity
FROM objects, LATERAL pg_identify_object(class, object, part) found
"""
ORDER = (
    "extension", "trigger", "view", "materialized view", "table constraint", "index",
    "table column", "foreign table", "table", "sequence", "procedure", "function", "type",
    "schema",
)  # fmt: skip
"""In which kinds of objects are dropped: what needs others before what is needed."""
Object = tuple[str, str]


def objects(target: Target) -> frozenset[Object]:
    """Return kind and quoted name of everything that a schema holds."""
    with target.connect() as connection:
        return frozenset((kind, name) for kind, name in connection.execute(OBJECTS).fetchall())


def remove(admin: Target, before: Collection[Object]) -> list[str]:
    """Drop what is there and was not before; return the names of what was dropped.

    Nothing that others need is dropped with them. What cannot be dropped stays.
    """
    dropped: list[str] = []
    while True:
        left = _ordered(objects(admin) - frozenset(before))
        gone = _pass(admin, left)
        if not gone:
            return dropped
        dropped += gone


def _pass(admin: Target, left: Iterable[Object]) -> list[str]:
    dropped = []
    with admin.connect() as connection:
        for kind, name in left:
            statement = _statement(kind, name)
            try:
                connection.execute(statement.encode())
            except psycopg.Error:
                continue  # needed by something that goes first, or gone with its table
            dropped.append(f"{kind} {name}")
    return dropped


def _ordered(left: Iterable[Object]) -> list[Object]:
    return sorted(
        (each for each in left if each[0] in ORDER), key=lambda each: (ORDER.index(each[0]), each)
    )


def _statement(kind: str, name: str) -> str:
    """Return what drops an object; identities are quoted by the server already."""
    if kind == "table column":
        table, _, column = name.rpartition(".")
        return f"ALTER TABLE {table} DROP COLUMN {column}"
    if kind in ("table constraint", "trigger"):
        one, _, table = name.rpartition(" on ")
        return (
            f"ALTER TABLE {table} DROP CONSTRAINT {one}"
            if kind == "table constraint"
            else f"DROP TRIGGER {one} ON {table}"
        )
    return f"DROP {kind.upper()} {name}"
