"""Connections to the environment's database, from the stack's secret output."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from automation.errors import Blocked

CONNECT_SECONDS = 5
SILENT: dict[str, Any] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""When a server that is not heard of any more is given up: the kernel alone takes hours."""
CALLED = "slipway"
"""How the driver's connections name themselves."""
NOT_OURS = (
    psycopg.OperationalError,
    psycopg.InternalError,
    psycopg.errors.InsufficientPrivilege,
)
"""What the server did, or the way to it. Any other error is that of a statement of ours."""


class Connection(psycopg.Connection[TupleRow]):
    """One whose block, left with an error that is not ours, ends as Blocked.

    Inside of the block psycopg's own errors can be caught. `place` is how the database is called.
    """

    place = "the database"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it, and raise Blocked where the server, or the way to it, has failed."""
        try:
            super().__exit__(kind, error, trace)
        except NOT_OURS as failed:
            error = failed  # the commit
        if isinstance(error, NOT_OURS):
            # The detail, which repeats values of rows, is left out.
            lines = str(error).strip().splitlines() or [type(error).__name__]
            full = isinstance(error, psycopg.errors.DiskFull)
            section = "The disk is full" if full else "The database refuses connections"
            raise Blocked(
                f"{self.place} failed: {error.diag.message_primary or lines[0]}",
                hint=f"See docs/runbook.md, {section}.",
            ) from None


@dataclass(frozen=True, repr=False)
class Target:
    """A database and a role, on a direct connection where `host` of the output is a pooler's.

    The password never shows in a representation.
    """

    host: str
    port: int
    name: str
    user: str
    password: str
    sslmode: str = "prefer"

    @classmethod
    def owner(cls, database: Mapping[str, str]) -> "Target":
        """Return the role that owns the schema, for migrations."""
        return cls._of(database, "owner", "owner_password")

    @classmethod
    def application(cls, database: Mapping[str, str]) -> "Target":
        """Return the role that the application uses."""
        return cls._of(database, "user", "password")

    @classmethod
    def admin(cls, database: Mapping[str, str]) -> "Target":
        """Return the administrator, for copies of the database."""
        return cls._of(database, "admin", "admin_password")

    @classmethod
    def _of(cls, database: Mapping[str, str], user: str, password: str) -> "Target":
        return cls(
            host=database.get("direct_host") or database["host"],
            port=int(database["port"]),
            name=database["name"],
            user=database[user],
            password=database[password],
            sslmode=database.get("sslmode") or "prefer",
        )

    def output(self) -> dict[str, str]:
        """Return this role and database as the stack's output DATABASE names an application's."""
        return {
            "host": self.host,
            "port": str(self.port),
            "name": self.name,
            "user": self.user,
            "password": self.password,
            "sslmode": self.sslmode,
        }

    def named(self, name: str) -> "Target":
        """Return the same role on another database of the same server."""
        return replace(self, name=name)

    def connect(self, *, autocommit: bool = True, called: str = CALLED) -> Connection:
        """Open a connection. Raise Blocked, saying which database refused, without the password."""
        place = f"the database {self.name} at {self.host}:{self.port}"
        try:
            connection = Connection.connect(
                host=self.host,
                port=self.port,
                dbname=self.name,
                user=self.user,
                password=self.password,
                sslmode=self.sslmode,
                application_name=called,
                autocommit=autocommit,
                connect_timeout=CONNECT_SECONDS,
                **SILENT,
            )
        except psycopg.OperationalError as error:
            # An indented line is libpq's question whether the server runs, not what happened.
            lines = [line for line in str(error).splitlines() if line[:1] not in ("", "\t")]
            reason = lines[-1].replace(self.password, "[secret]") if lines else "no reason given"
            raise Blocked(
                f"{place} refuses connections: {reason}",
                hint="See docs/runbook.md, The database refuses connections.",
            ) from None
        connection.place = place
        return connection

    def tool_environment(self) -> dict[str, str]:
        """Return the variables that PostgreSQL's own tools read: no secret on a command line."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.name,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGSSLMODE": self.sslmode,
            "PGAPPNAME": CALLED,
            "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS),
        }
