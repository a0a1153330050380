"""Whole databases of one PostgreSQL server: made, dropped, and swapped, by its administrator."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from automation.databases import likeness
from automation.errors import DeploymentFailed
from automation.migrations.connection import Target

PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}
GONE_MILLISECONDS = 5000
SWAP_TRIES = 5


def named_like(admin: Target, prefix: str) -> list[str]:
    """List the databases whose names begin with a text."""
    with _server(admin) as server:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1"
        return [name for (name,) in server.execute(query, (prefix,)).fetchall()]


def size(admin: Target, name: str) -> int:
    """Return how many bytes a database takes."""
    with admin.named(name).connect() as database:
        row = database.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


def data_directory(admin: Target) -> str:
    """Return the folder of the server's data."""
    with _server(admin) as server:
        row = server.execute("SHOW data_directory").fetchone()
        return str(row[0]) if row else "/"


def drop(admin: Target, name: str) -> None:
    """Drop a database, whoever is connected to it; none there is fine."""
    with _server(admin) as server:
        server.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def make(admin: Target, name: str, like: str) -> None:
    """Make an empty database with the owner, locale, privileges and settings of another."""
    drop(admin, name)
    with _server(admin) as server:
        query = """
            SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype,
                   datlocprovider, datlocale, datacl IS NOT NULL
            FROM pg_database WHERE datname = %s"""
        row = server.execute(query, (like,)).fetchone()
        assert row is not None, like
        owner, encoding, collate, ctype, provider, locale, restricted = row
        options = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING {} ").format(
            sql.Identifier(name), sql.Identifier(owner), sql.Literal(encoding)
        ) + sql.SQL("LC_COLLATE {} LC_CTYPE {} LOCALE_PROVIDER {}").format(
            sql.Literal(collate), sql.Literal(ctype), sql.Identifier(PROVIDERS[provider])
        )
        if provider != "c":
            key = "ICU_LOCALE" if provider == "i" else "BUILTIN_LOCALE"
            options += sql.SQL(f" {key} {{}}").format(sql.Literal(locale))
        server.execute(options)
        if restricted:
            likeness.copy_privileges(server, name, like)
        likeness.copy_settings(server, name, like)


def swap(admin: Target, live: str, fresh: str, aside: str) -> None:
    """Put `fresh` in the place of `live`, which is called `aside` from then on: one change.

    Everybody is disconnected; whoever connects again finds the new one. Raise DeploymentFailed
    where somebody cannot be disconnected: then nothing has changed.
    """
    with _server(admin) as server:
        server.execute(_statement("ALTER DATABASE {} ALLOW_CONNECTIONS false", live))
        try:
            for attempt in range(1, SWAP_TRIES + 1):
                query = (
                    "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity"
                    " WHERE datname = ANY(%s)"
                )
                server.execute(query, (GONE_MILLISECONDS, [live, fresh]))
                try:
                    with server.transaction():
                        server.execute(_statement("ALTER DATABASE {} RENAME TO {}", live, aside))
                        server.execute(_statement("ALTER DATABASE {} RENAME TO {}", fresh, live))
                    return
                except psycopg.errors.ObjectInUse as error:
                    if attempt == SWAP_TRIES:
                        raise DeploymentFailed(
                            f"{live} could not be replaced: {error.diag.message_primary}"
                        ) from None
        finally:
            allow(admin, live)


def allow(admin: Target, name: str) -> None:
    """Let a database take connections, as one does that no swap is under way for."""
    with _server(admin) as server:
        query = "SELECT 1 FROM pg_database WHERE datname = %s AND NOT datallowconn"
        if server.execute(query, (name,)).fetchone() is not None:
            server.execute(_statement("ALTER DATABASE {} ALLOW_CONNECTIONS true", name))


def analyze(admin: Target, name: str) -> None:
    """Have the planner know what a database holds that was just restored."""
    with admin.named(name).connect() as connection:
        connection.execute("ANALYZE")


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*(sql.Identifier(name) for name in names))


@contextmanager
def _server(admin: Target) -> Iterator[psycopg.Connection]:
    with admin.named("postgres").connect() as connection:
        yield connection
