"""Run the application's own Alembic, with its own dependencies, as the schema's owner."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from automation.errors import DeploymentFailed
from automation.migrations.connection import Target
from automation.processes import environment, run
from automation.specification.models import Migrations, Specification
from components.contract import references
from components.contract.release import Artifact
from components.contract.values import database_values

TAIL_LINES = 15


@dataclass(frozen=True)
class Alembic:
    """One release's migrations. `values` are those of all references but the database's."""

    artifact: Artifact
    specification: Specification
    values: Mapping[str, str]
    log: Path
    progress: Callable[[str], None]
    cancelled: threading.Event
    clean: Callable[[str], str]

    def upgrade(self, target: Target, revision: str = "head") -> None:
        """Apply revisions up to one. Raise DeploymentFailed with the end of the log."""
        self._run(target, "upgrade", revision)

    def downgrade(self, target: Target, revision: str) -> None:
        """Take revisions back down to one (`base` for none)."""
        self._run(target, "downgrade", revision)

    def _run(self, target: Target, *arguments: str) -> None:
        with self.log.open("a") as log:
            log.write(f"$ alembic {' '.join(arguments)}  # on {target.name}\n")

            def on_line(line: str) -> None:
                # A driver's exception may well name the URL that it could not connect to.
                log.write(f"{self.clean(line)}\n")
                self.progress(self.clean(line))

            result = run(
                [*self._program(), *arguments],
                cwd=self._folder(),
                env=environment(self._environment(target)),
                on_line=on_line,
                cancelled=self.cancelled,
                keep=TAIL_LINES,
            )
        if result.code != 0:
            raise DeploymentFailed(
                f"alembic {' '.join(arguments)} failed on {target.name}",
                details=tuple(self.clean(line) for line in result.tail),
                hint=f"The whole log is in {self.log}.",
            )

    def _program(self) -> list[str]:
        python = Path(self.artifact.path) / "venv" / "bin" / "python"
        return [str(python), "-m", "alembic", "-c", str(self._configuration())]

    def _configuration(self) -> Path:
        return self._inside(self._migrations().config)

    def _folder(self) -> Path:
        return self._inside(self._migrations().path)

    def _inside(self, path: str) -> Path:
        # The artifact holds the backend's folder; the specification counts from the application's.
        backend = self.specification.backend
        root = PurePosixPath(backend.path if backend else ".")
        relative = PurePosixPath(path)
        if root != PurePosixPath("."):
            relative = relative.relative_to(root)
        return Path(self.artifact.path) / self.artifact.working_directory / relative

    def _migrations(self) -> Migrations:
        database = self.specification.database
        assert database is not None and database.migrations is not None
        return database.migrations

    def _environment(self, target: Target) -> dict[str, str]:
        role = {
            "host": target.host,
            "port": str(target.port),
            "name": target.name,
            "user": target.user,
            "password": target.password,
        }
        values = {**self.values, **database_values(role), "port": "0"}
        return {
            name: references.resolve(template, values)
            for name, template in self.artifact.variables.items()
        }
