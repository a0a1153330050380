"""Finds out which database the application expects, and who creates its tables."""

import ast
import configparser
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from automation.errors import InvalidInput
from automation.inspection.findings import FoundBackend, FoundDatabase, Reading
from automation.inspection.tree import files, python_files, shown, syntax, text
from automation.inspection.variables import is_database
from automation.specification.alembic_config import script_location
from automation.specification.checks import is_inside
from automation.specification.models import Migrations

LIBRARIES = ("sqlmodel", "sqlalchemy", "tortoise-orm", "databases", "peewee", "piccolo", "asyncpg",
             "psycopg", "psycopg2", "psycopg2-binary", "django", "ormar")  # fmt: skip
DRIVERS = ("psycopg2", "psycopg2-binary", "psycopg", "asyncpg", "pg8000")
SCHEME = re.compile(r"\b(postgres(?:ql)?(?:\+\w+)?)://")


def find(
    app: Path, backend: FoundBackend | None, readings: Iterable[Reading]
) -> tuple[FoundDatabase | None, list[str]]:
    """Return the database, or None where nothing looks like one, and what to check."""
    checks: list[str] = []
    migrations, config = _alembic(app, backend, checks)
    if migrations is not None:
        return _found(app, config, migrations, backend, checks), checks
    source = _creates_tables(app, backend) or _depends(backend)
    if source is None:
        named = [one.source for one in readings if is_database(one.name)]
        if not named:
            return None, checks
        source = named[0]
        checks.append("nothing was found that creates tables; the application is taken to do it")
    return _found(app, source, None, backend, checks), checks


def _found(
    app: Path,
    source: str,
    migrations: Migrations | None,
    backend: FoundBackend | None,
    checks: list[str],
) -> FoundDatabase:
    known: frozenset[str] = backend.dependencies if backend else frozenset()
    if backend and not known & set(DRIVERS):
        checks.append(f"no driver for Postgres is among the requirements of {backend.path}")
    return FoundDatabase(
        source=source,
        schema_owner="application" if migrations is None else "migrations",
        migrations=migrations,
        scheme=_scheme(app, backend) if backend else None,
    )


def _alembic(
    app: Path, backend: FoundBackend | None, checks: list[str]
) -> tuple[Migrations | None, str]:
    found = [path for path in files(app, ("alembic.ini",)) if path.name == "alembic.ini"]
    if not found:
        return None, ""
    project = (app / backend.path).resolve() if backend else app.resolve()
    # The one of the backend's own project, and there the shallowest.
    best = min(found, key=lambda one: (project not in one.resolve().parents, len(one.parts)))
    if len(found) > 1:
        checks.append(f"{len(found)} files named alembic.ini; {shown(app, best)} is used")
    for folder in dict.fromkeys((best.parent, project, app)):
        guess = Migrations(config=shown(app, best), path=shown(app, folder))
        try:
            scripts = script_location(app, guess)
        except (InvalidInput, configparser.Error):
            break
        if scripts is not None and scripts.is_dir():
            scripts_path = shown(app.resolve(), scripts)
            migrations = guess.model_copy(update={"scripts": scripts_path})
            checks.extend(_outside(migrations, backend))
            return migrations, shown(app, best)
    checks.append(
        f"{shown(app, best)}: its script_location does not exist; migrations are left out"
    )
    return None, ""


def _outside(found: Migrations, backend: FoundBackend | None) -> Iterator[str]:
    """Say what keeps the backend's artifact from having the migrations; a deployment refuses it."""
    if backend is None:
        yield f"no backend was found that runs the migrations of {found.config}: declare `backend`"
        return
    for path in (found.config, found.path, found.scripts):
        if not is_inside(path, backend.path):
            yield (
                f"{path} of the migrations is outside of the backend's folder {backend.path}, and "
                "its artifact holds that alone: move it there, or let `backend.path` be a folder "
                "that holds both"
            )


def _creates_tables(app: Path, backend: FoundBackend | None) -> str | None:
    for path in python_files(app / backend.path) if backend else []:
        tree = syntax(path)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Attribute) and node.attr in ("create_all", "generate_schemas"):
                return f"{shown(app, path)}:{node.lineno}"
    return None


def _depends(backend: FoundBackend | None) -> str | None:
    return backend.source if backend and backend.dependencies & set(LIBRARIES) else None


def _scheme(app: Path, backend: FoundBackend) -> str | None:
    """Return the scheme of the application's database URL where it is not plain postgresql."""
    named = _example_schemes(app, backend)
    if named:
        return named[0] if "+" in named[0] else None
    sources = [text(path) for path in python_files(app / backend.path)]
    written = {match for source in sources for match in SCHEME.findall(source) if "+" in match}
    plain = any(re.search(r"['\"]postgres(ql)?(://)?['\"]", source) for source in sources)
    if plain or len(written) > 1:
        # The code itself turns a plain address into the one that it needs.
        return None
    if written:
        return str(written.pop())
    return _driver_scheme(backend.dependencies)


def _example_schemes(app: Path, backend: FoundBackend) -> list[str]:
    """Return the schemes in example files, those beside the backend first."""
    project = app / backend.path
    places = dict.fromkeys((project, *(one for one in project.parents if one.is_relative_to(app))))
    found: list[str] = []
    for folder in places:
        for path in sorted(folder.glob(".env*")):
            for line in text(path).splitlines():
                name, _, value = line.partition("=")
                match = SCHEME.match(value.strip().strip("'\""))
                if match and is_database(name.strip()):
                    found.append(match[1])
    return found


def _driver_scheme(dependencies: Iterable[str]) -> str | None:
    """Name the driver for SQLAlchemy where its default, psycopg2, is not among the packages."""
    known = {one.partition("[")[0] for one in dependencies}
    if not known & {"sqlalchemy", "sqlmodel"} or known & {"psycopg2", "psycopg2-binary"}:
        return None
    drivers: Mapping[str, str] = {"asyncpg": "asyncpg", "psycopg": "psycopg", "pg8000": "pg8000"}
    return next((f"postgresql+{name}" for one, name in drivers.items() if one in known), None)
