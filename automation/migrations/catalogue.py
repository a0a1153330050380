"""What the live database holds: sizes, columns, enums, and who has held locks for long."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import Connection

from automation.migrations.connection import Target

SLOW_SECONDS = 5.0
"""A transaction that is open for longer is in a migration's way."""

TABLES = """
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END,
       coalesce(greatest(c.reltuples, s.n_live_tup), -1)::bigint,
       coalesce((SELECT sum(pg_table_size(relid)) FROM pg_partition_tree(c.oid)),
                pg_table_size(c.oid))::bigint,
       pg_indexes_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
COLUMNS = """
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END,
       a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'
               AND k.convalidated
               AND pg_get_constraintdef(k.oid) = format('CHECK ((%I IS NOT NULL))', a.attname))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
ENUMS = """
SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid GROUP BY t.typname
"""
INDEXES = """
SELECT i.relname, CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_'
"""
VOLATILE = "SELECT DISTINCT proname FROM pg_proc WHERE provolatile = 'v'"
SLOW = """
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END,
       max(extract(epoch FROM clock_timestamp() - a.xact_start))::float
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p')
GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as the server names its type; `checked` says that a valid check forbids nulls."""

    type: str
    required: bool = False
    default: bool = False
    checked: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table. `rows` is the server's estimate, None before it made one; sizes are in bytes."""

    rows: int | None
    bytes: int
    index_bytes: int = 0
    columns: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The database as it is. Tables outside of `public` are named with their schema.

    `open_for` has the seconds for which a transaction has been using a table, where it is slow;
    `volatile` names the functions that give each row a value of its own.
    """

    tables: Mapping[str, Table] = field(default_factory=dict)
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)
    open_for: Mapping[str, float] = field(default_factory=dict)
    volatile: frozenset[str] = frozenset(
        {"gen_random_uuid", "random", "clock_timestamp", "nextval"}
    )


def observe(target: Target | None) -> Catalogue:
    """Read the catalogue; an empty one without a database. Raise Blocked where it refuses."""
    if target is None:
        return Catalogue()
    with target.connect() as connection:
        columns: dict[str, dict[str, Column]] = {}
        for table, name, type_, required, default, checked in connection.execute(COLUMNS):
            columns.setdefault(table, {})[name] = Column(
                type=type_, required=required, default=default, checked=checked
            )
        slow = connection.execute(SLOW).fetchall()
        return Catalogue(
            tables=_tables(connection, columns),
            enums={name: tuple(labels) for name, labels in connection.execute(ENUMS)},
            indexes=dict(connection.execute(INDEXES).fetchall()),
            open_for={name: seconds for name, seconds in slow if seconds >= SLOW_SECONDS},
            volatile=frozenset(name for (name,) in connection.execute(VOLATILE)),
        )


def _tables(
    connection: Connection, columns: Mapping[str, Mapping[str, Column]]
) -> dict[str, Table]:
    return {
        name: Table(
            # Never analyzed and without statistics, both are 0 or -1 whatever the table holds.
            rows=rows if rows > 0 or size == 0 else None,
            bytes=size,
            index_bytes=indexes,
            columns=columns.get(name, {}),
        )
        for name, rows, size, indexes in connection.execute(TABLES)
    }
