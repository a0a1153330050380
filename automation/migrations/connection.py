"""Connections to the environment's database, from the stack's secret output."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import psycopg

from automation.errors import Blocked

CONNECT_SECONDS = 5
CALLED = "slipway"
"""How the driver's connections name themselves."""


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

    def connect(self, *, autocommit: bool = True, called: str = CALLED) -> psycopg.Connection:
        """Open a connection. Raise Blocked, saying which database refused, without the password."""
        try:
            return psycopg.connect(
                host=self.host,
                port=self.port,
                dbname=self.name,
                user=self.user,
                password=self.password,
                sslmode=self.sslmode,
                application_name=called,
                autocommit=autocommit,
                connect_timeout=CONNECT_SECONDS,
            )
        except psycopg.OperationalError as error:
            where = f"{self.name} at {self.host}:{self.port}"
            # An indented line is libpq's question whether the server runs, not what happened.
            lines = [line for line in str(error).splitlines() if line[:1] not in ("", "\t")]
            reason = lines[-1].replace(self.password, "[secret]") if lines else "no reason given"
            raise Blocked(
                f"the database {where} refuses connections: {reason}",
                hint="See docs/runbook.md, The database refuses connections.",
            ) from None

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
