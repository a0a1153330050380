"""See that a migration did what its rehearsal did, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from automation.databases import content, schema
from automation.databases.base import Roles
from automation.migrations.connection import Target
from automation.migrations.revision import current

USERS_SHARE, USERS_ROWS = 0.01, 20
"""Users delete rows too meanwhile: a hundredth of a table, or twenty rows, may be theirs."""
INVALID = """\
SELECT 'index ' || indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
  AND EXISTS (SELECT FROM pg_class c WHERE c.oid = indexrelid AND c.relkind = 'i')
UNION ALL
SELECT 'constraint ' || conname || ' of ' || conrelid::regclass::text
FROM pg_constraint WHERE NOT convalidated AND conrelid <> 0
ORDER BY 1
"""


@dataclass(frozen=True)
class Expected:
    """What the database must be like: `schema` is the rehearsed copy's, `rows` the counts before
    with the rehearsed change, `invalid` what the rehearsed copy had that is not valid."""

    revision: str
    schema: str
    rows: Mapping[str, int]
    invalid: frozenset[str]


def invalid(target: Target) -> frozenset[str]:
    """Return indexes and constraints that PostgreSQL does not rely on."""
    with target.connect() as connection:
        return frozenset(name for (name,) in connection.execute(INVALID).fetchall())


def problems(roles: Roles, expected: Expected) -> list[str]:
    """List what is not as it must be; empty where the migration is verified."""
    at = current(roles.owner)
    found = [] if at == expected.revision else [f"at revision {at}, not {expected.revision}"]
    found += [f"schema: {line}" for line in schema.difference(expected.schema, _schema(roles))]
    for name in sorted(invalid(roles.admin) - expected.invalid):
        found.append(f"{name} is not valid")
    rows = content.row_counts(roles.admin)
    return found + [line for name in expected.rows if (line := _fallen(name, expected.rows, rows))]


def _schema(roles: Roles) -> str:
    return schema.dump(roles.admin)


def _fallen(name: str, expected: Mapping[str, int], rows: Mapping[str, int]) -> str:
    wanted, has = expected[name], rows.get(name, 0)
    emptied = has == 0 and wanted > 0
    if emptied or wanted - has > max(wanted * USERS_SHARE, USERS_ROWS):
        return f"{name} has {has} rows; the rehearsal says {wanted}"
    return ""
