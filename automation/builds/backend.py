"""Build a Python backend: its own virtual environment with locked dependencies, sources beside."""

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from automation.builds import python
from automation.builds.job import Job
from automation.builds.plan import Plan, Recipe, build_variables, folder
from automation.errors import InvalidInput
from automation.specification.models import Backend

GRACEFUL_SINCE = (0, 22)
"""The uvicorn that learnt --timeout-graceful-shutdown."""
HINT = "Add uvicorn to the backend's dependencies, or declare `start` in the specification."


def plan(backend: Backend, app: Path, values: Mapping[str, str]) -> Plan:
    """Return what a build of the backend needs. Raise InvalidInput where that is not there."""
    path = folder(app, backend.path, "backend.path")
    root = _root(app.resolve(), path)
    if backend.requirements and not (path / backend.requirements).is_file():
        raise InvalidInput(
            f"backend.requirements: there is no {backend.requirements} in {backend.path}"
        )
    # Variables matter to a build only where the application's own commands are part of it.
    own_commands = bool(backend.install or backend.build)
    variables, _later = build_variables(backend, values) if own_commands else ({}, ())
    return Plan(
        root=root,
        place=PurePosixPath(path.relative_to(root).as_posix()),
        configuration={
            "kind": "python",
            "place": str(path.relative_to(root)),
            "install": backend.install,
            "build": backend.build,
            "requirements": backend.requirements,
            "needs uvicorn": backend.start is None,
            "variables": variables,
            "python": ".".join(str(part) for part in sys.version_info[:3]),
        },
        variables=variables,
        make=lambda job: make(job, backend),
    )


def make(job: Job, backend: Backend) -> Recipe:
    """Build in the job's folder and return the layout: `python`, `working_directory`, `uvicorn`."""
    env = python.uv_environment({"UV_COMPILE_BYTECODE": "1"})
    interpreter = python.create(job, env)
    venv = interpreter.parent.parent
    inside = {
        **env,
        **job.variables,
        "VIRTUAL_ENV": str(venv),
        "UV_PROJECT_ENVIRONMENT": str(venv),
        "PATH": f"{venv / 'bin'}:{env.get('PATH', '')}",
    }
    notes = _install(job, backend, interpreter, inside)
    if backend.build:
        job.shell("building", backend.build, job.work, inside)
    uvicorn = installed(venv, "uvicorn")
    if uvicorn is None and backend.start is None:
        raise job.failed("uvicorn is not among its dependencies", hint=HINT)
    # A file that does not compile, a template for example, is no reason not to deploy.
    compile_all = shlex.join([str(interpreter), "-m", "compileall", "-q", str(job.work)])
    job.shell("compiling", f"{compile_all} || true", job.work, env)
    return Recipe(
        layout={
            "python": str(interpreter),
            "working_directory": str(job.work.relative_to(job.folder)),
            "uvicorn": uvicorn or "",
        },
        tools={"python": python.version(interpreter)},
        notes=notes,
    )


def installed(venv: Path, name: str) -> str | None:
    """Return the version of a distribution in a virtual environment, or None."""
    for info in venv.glob(f"lib/python*/site-packages/{name}-*.dist-info"):
        return info.name.removeprefix(f"{name}-").removesuffix(".dist-info")
    return None


def start_command(
    backend: Backend,
    layout: Mapping[str, str],
    *,
    host: str = "127.0.0.1",
    trusted: str = "127.0.0.1",
) -> tuple[str, ...]:
    """Return the command of a backend that declares none: uvicorn on `${port}`.

    `trusted` are the addresses of proxies that may say who asked, as a comma list, or `*`.
    """
    version = tuple(int(part) for part in re.findall(r"\d+", layout["uvicorn"])[:2])
    graceful = ("--timeout-graceful-shutdown", str(backend.drain_seconds))
    return (
        *(layout["python"], "-m", "uvicorn", backend.application or ""),
        *("--host", host, "--port", "${port}"),
        *("--proxy-headers", "--forwarded-allow-ips", trusted),
        *(graceful if version >= GRACEFUL_SINCE else ()),
    )


def _root(app: Path, path: Path) -> Path:
    """Return the folder with the lock file that covers a project: its own, or a workspace's."""
    for candidate in (path, *path.parents):
        if (candidate / "uv.lock").is_file():
            return candidate
        if candidate == app:
            break
    return path


def _install(
    job: Job, backend: Backend, interpreter: Path, env: Mapping[str, str]
) -> tuple[str, ...]:
    """Install the dependencies by the best description of them; return what is to be known."""
    pip = [*python.UV, "pip", "install", "--quiet", "--python", str(interpreter)]
    what = "installing dependencies"
    if backend.install:
        job.shell(what, backend.install, job.work, env)
        return ()
    if backend.requirements is None and (job.source / "uv.lock").is_file():
        locked = job.folder / "requirements.locked.txt"
        # Not `uv sync`: a lock file names its registry, which may not be the one reached here.
        export = [*python.UV, "export", "--quiet", "--frozen", "--no-dev", "-o", str(locked)]
        job.run("reading uv.lock", export, job.work, env)
        job.run(what, [*pip, "-r", str(locked)], job.work, env)
        return ()
    requirements = backend.requirements or "requirements.txt"
    if (job.work / requirements).is_file():
        job.run(what, [*pip, "-r", requirements], job.work, env)
        return ()
    if (job.work / "pyproject.toml").is_file():
        return _install_project(job, pip, env)
    raise job.failed(
        f"no uv.lock, requirements.txt or pyproject.toml in {job.place}",
        hint="Add one, or declare `install` for the backend in the specification.",
    )


def _install_project(job: Job, pip: list[str], env: Mapping[str, str]) -> tuple[str, ...]:
    table = python.project(job.work)
    what = "installing dependencies"
    if "project" in table:
        job.run(what, [*pip, "-r", "pyproject.toml"], job.work, env)
        if "build-system" in table:
            job.run(what, [*pip, "--no-deps", "-e", "."], job.work, env)
    else:
        job.run(what, [*pip, "."], job.work, env)
    return ("dependencies are not locked: there is a pyproject.toml, but no uv.lock",)
