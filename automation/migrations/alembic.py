"""Run the application's own Alembic, with its own dependencies, as the schema's owner."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from automation.errors import DeploymentFailed
from automation.migrations.connection import Target
from automation.processes import environment, run
from automation.specification.models import Migrations, Specification
from components.contract import references
from components.contract.release import Artifact
from components.contract.values import database_values

TAIL_LINES = 15
LOCK_SIGNS = ("due to lock timeout", "LockNotAvailable")
"""What the server and its drivers say where a lock was not given in time (SQLSTATE 55P03)."""

BETWEEN = ("The above exception was", "During handling of the above")
"""What Python prints between two tracebacks."""


class LockTimedOut(DeploymentFailed):
    """A lock was not given in time; somebody else holds it."""


@dataclass
class Traces:
    """Tells what a program says from where in its code it was: that is for the log alone."""

    inside: bool = False

    def says(self, line: str) -> bool:
        """Tell whether a line, in the order they came, is for people."""
        begins = line.startswith("Traceback (most recent call last)")
        self.inside = begins or (self.inside and line[:1] in ("", " ", "\t"))
        return not self.inside and bool(line.strip()) and not line.startswith(BETWEEN)


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

    def upgrade(self, target: Target, revision: str = "head", witness: Path | None = None) -> None:
        """Apply revisions up to one. Raise DeploymentFailed with the end of the log.

        `witness` is the file to which is written what is executed, see witness.py.
        """
        self._run(target, "upgrade", revision, witness=witness)

    def downgrade(self, target: Target, revision: str) -> None:
        """Take revisions back down to one (`base` for none)."""
        self._run(target, "downgrade", revision)

    def configuration(self) -> Path:
        """Return Alembic's configuration file, in the artifact."""
        return self._inside(self.migrations().config)

    def folder(self) -> Path:
        """Return the folder that Alembic runs in."""
        return self._inside(self.migrations().path)

    def migrations(self) -> Migrations:
        """Return what the specification says about migrations."""
        database = self.specification.database
        assert database is not None and database.migrations is not None
        return database.migrations

    def _run(self, target: Target, *arguments: str, witness: Path | None = None) -> None:
        timed_out, traces, told = False, Traces(), list[str]()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            log.write(f"$ alembic {' '.join(arguments)}  # on {target.name}\n")

            def on_line(line: str) -> None:
                nonlocal timed_out
                timed_out = timed_out or any(sign in line for sign in LOCK_SIGNS)
                # A driver's exception may well name the URL that it could not connect to.
                log.write(f"{self.clean(line)}\n")
                log.flush()
                if traces.says(line):
                    told.append(self.clean(line))
                    self.progress(told[-1])

            result = run(
                [*self._program(witness), *arguments],
                cwd=self.folder(),
                env=environment(self._environment(target)),
                on_line=on_line,
                cancelled=self.cancelled,
            )
        if result.code != 0:
            error = LockTimedOut if timed_out else DeploymentFailed
            raise error(
                f"alembic {' '.join(arguments)} failed on {target.name}",
                details=tuple(told[-TAIL_LINES:]),
                hint=f"The whole log is in {self.log}.",
            )

    def _program(self, witness: Path | None) -> list[str]:
        python = Path(self.artifact.path) / "venv" / "bin" / "python"
        # Not the file: its folder has an alembic.py that would be imported for Alembic.
        program = ["-m", "alembic"] if witness is None else ["-c", _witness(), str(witness)]
        return [str(python), *program, "-c", str(self.configuration())]

    def _inside(self, path: str) -> Path:
        inside = self.relative_to_backend(self.specification, path)
        return Path(self.artifact.path) / self.artifact.working_directory / inside

    @staticmethod
    def relative_to_backend(specification: Specification, path: str) -> PurePosixPath:
        """Return where a path, from the application's root, is from the backend's folder."""
        # The artifact holds the backend's folder alone.
        backend = specification.backend
        root = PurePosixPath(backend.path if backend else ".")
        relative = PurePosixPath(path)
        return relative.relative_to(root) if root != PurePosixPath(".") else relative

    def _environment(self, target: Target) -> dict[str, str]:
        values = {**self.values, **database_values(target.output()), "port": "0"}
        return {
            name: references.resolve(template, values)
            for name, template in self.artifact.variables.items()
        }


@cache
def _witness() -> str:
    return Path(__file__).with_name("witness.py").read_text("utf-8")
