"""The connection pool and the revision that the database is at."""

from collections.abc import Iterator
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from starlette.requests import Request

POOL_SIZE = 5
POOL_OVERFLOW = 5
POOL_CAPACITY = POOL_SIZE + POOL_OVERFLOW
MIGRATIONS = Path(__file__).resolve().parent.parent / "alembic"


def make_engine(url: str) -> Engine:
    """Make the pool. It connects on first use, so a start needs no database."""
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
        # A failed statement is logged, and its parameters can be addresses and hashes.
        hide_parameters=True,
    )


def get_session(request: Request) -> Iterator[Session]:
    """Give a route its session."""
    with Session(request.app.state.engine) as session:
        yield session


class Revisions:
    """The revisions that this code knows, compared with the one of a database."""

    def __init__(self) -> None:
        scripts = ScriptDirectory(str(MIGRATIONS))
        self.known = frozenset(script.revision for script in scripts.walk_revisions())
        self.heads = frozenset(scripts.get_heads())

    @property
    def expected(self) -> str:
        return ", ".join(sorted(self.heads))

    def current(self, engine: Engine) -> frozenset[str]:
        with engine.connect() as connection:
            return frozenset(MigrationContext.configure(connection).get_current_heads())
