"""Alembic, the real one, in the test's own process: it starts in no time."""

import io
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from automation.errors import DeploymentFailed
from automation.migrations.alembic import LockTimedOut
from automation.migrations.connection import Target
from automation.migrations.witness import Seen


class AlembicHere:
    """Runs a project whose env.py takes its connection from the configuration's attributes."""

    def __init__(self, configuration: Path) -> None:
        self._configuration = configuration

    def upgrade(self, target: Target, revision: str = "head", witness: Path | None = None) -> None:
        seen = Seen()
        unlisten = seen.listen()
        try:
            self._run(target, f"upgrade {revision}", lambda c: command.upgrade(c, revision))
        finally:
            unlisten()
            if witness is not None:
                seen.write(str(witness))

    @staticmethod
    def clean(text: str) -> str:
        return text

    def downgrade(self, target: Target, revision: str) -> None:
        self._run(target, f"downgrade {revision}", lambda c: command.downgrade(c, revision))

    def _run(self, target: Target, told: str, work: Callable[[Config], None]) -> None:
        def connect() -> psycopg.Connection:
            return target.connect(autocommit=False)

        engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
        try:
            with engine.connect() as connection, redirect_stdout(io.StringIO()):
                config = Config(self._configuration)
                config.attributes["connection"] = connection
                work(config)
        except DBAPIError as error:
            waited = isinstance(error.orig, psycopg.errors.LockNotAvailable)
            failed = LockTimedOut if waited else DeploymentFailed
            raise failed(f"{told} failed", details=(str(error.orig),)) from None
        except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever a revision may raise)
            raise DeploymentFailed(f"{told} failed", details=(repr(error),)) from None
        finally:
            engine.dispose()
