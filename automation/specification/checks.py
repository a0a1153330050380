"""Checks of a valid specification against the application's files and the references."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from automation.specification import migrations as alembic
from automation.specification.merging import Merged, dotted
from automation.specification.models import Backend, Frontend, Migrations, Specification
from automation.specification.problems import Problem
from components.contract.references import (
    BUILD_TIME,
    UnknownReference,
    check,
    is_sensitive,
    names,
)

PUBLIC_PREFIXES = ("NEXT_PUBLIC_", "VITE_", "REACT_APP_", "PUBLIC_", "NUXT_PUBLIC_")
"""Beginnings of the names of variables that frameworks bake into what browsers load."""


def problems(app: Path, specification: Specification, merged: Merged) -> list[Problem]:
    """List what would make a deployment impossible although every document is well-formed."""
    return [
        Problem(merged.file_of(key), dotted(key), wrong, right)
        for key, wrong, right in (
            *_references(specification),
            *_paths(app, specification),
            *_database(app, specification),
        )
    ]


_Found = Iterator[tuple[tuple[str, ...], str, str]]


def _references(specification: Specification) -> _Found:
    for service_name in ("frontend", "backend"):
        service: Frontend | Backend | None = getattr(specification, service_name)
        if service is None:
            continue
        templates: dict[tuple[str, ...], str] = {
            ("variables", name): text for name, text in service.variables.items()
        }
        for command in ("install", "build", "start"):
            if (text := getattr(service, command)) is not None:
                templates[(command,)] = text
        for key, text in templates.items():
            yield from wrong_references(specification, service_name, key, text)


def wrong_references(
    specification: Specification, service_name: str, key: tuple[str, ...], text: str
) -> _Found:
    """Yield the whole key, what is wrong and what would be right, of a service's template."""
    try:
        check(text, specification.secrets)
    except UnknownReference as error:
        wrong, _, right = str(error).partition("; ")
        if len(key) == 1:
            right += "; a variable of the shell is written without braces, as in `$PORT`"
        yield (service_name, *key), wrong, right
    else:
        service: Frontend | Backend = getattr(specification, service_name)
        yield from _misplaced(specification, service, (service_name, *key), text)


def _misplaced(
    specification: Specification, service: Frontend | Backend, key: tuple[str, ...], text: str
) -> _Found:
    late = [name for name in names(text) if name not in BUILD_TIME]
    if late and _is_baked(service, key):
        right = f"one of {', '.join(sorted(BUILD_TIME))}"
        yield key, f"${{{late[0]}}} is not known, or not public, when the build runs", right
    elif key[-1] == "start" and is_sensitive(text):
        yield key, "a secret on a command line is seen by every process", "put it into a variable"
    elif specification.database is None and any(name.startswith("database.") for name in late):
        yield key, "refers to a database, but none is declared", "declare `database`"


def _is_baked(service: Frontend | Backend, key: tuple[str, ...]) -> bool:
    if key[1] in ("install", "build"):
        return True
    if key[1] != "variables" or not isinstance(service, Frontend):
        return False
    return service.kind == "static" or key[2].startswith(PUBLIC_PREFIXES)


def _paths(app: Path, specification: Specification) -> _Found:
    frontend, backend = specification.frontend, specification.backend
    if frontend is not None:
        yield from _exists(app, ("frontend", "path"), frontend.path, folder=True)
        if frontend.workspace is not None:
            yield from _exists(app, ("frontend", "workspace"), frontend.workspace, folder=True)
            if (
                not (app / frontend.path)
                .resolve()
                .is_relative_to((app / frontend.workspace).resolve())
            ):
                right = f"a folder that contains {frontend.path}"
                yield ("frontend", "workspace"), f"does not contain {frontend.path}", right
    if backend is not None:
        yield from _exists(app, ("backend", "path"), backend.path, folder=True)
        if backend.requirements is not None:
            yield from _requirements(app, backend.path, backend.requirements)


def _requirements(app: Path, path: str, value: str) -> _Found:
    if not (app / path / value).is_file():
        right = "the path of a file, from `backend.path`"
        if (app / value).is_file():
            right += f"; did you mean `{os.path.relpath(app / value, app / path)}`?"
        yield ("backend", "requirements"), f"there is no file {value} in {path}", right


def _database(app: Path, specification: Specification) -> _Found:
    database = specification.database
    if database is None:
        return
    migrations = database.migrations
    if migrations is None:
        if database.schema_owner == "migrations":
            right = "declare `database.migrations`, or `schema_owner: application`"
            yield ("database", "migrations"), "missing, so nothing creates the tables", right
        return
    missing = list(_missing(app, migrations))
    yield from missing or _misled(app, specification.backend, migrations)


_MIGRATIONS = ("database", "migrations")


def _missing(app: Path, migrations: Migrations) -> _Found:
    beside = migrations.path
    yield from _exists(app, (*_MIGRATIONS, "path"), migrations.path, folder=True)
    yield from _exists(app, (*_MIGRATIONS, "config"), migrations.config, beside=beside)
    yield from _exists(
        app, (*_MIGRATIONS, "scripts"), migrations.scripts, beside=beside, folder=True
    )


def _misled(app: Path, backend: Backend | None, migrations: Migrations) -> _Found:
    if backend is None:
        right = "declare `backend`, or `schema_owner: application` without migrations"
        yield _MIGRATIONS, "there is no backend, and its dependencies run them", right
        return
    for key in ("config", "path", "scripts"):
        value = getattr(migrations, key)
        if not is_inside(value, backend.path):
            right = "a path that begins with it: the backend's artifact holds that folder alone"
            yield (
                (*_MIGRATIONS, key),
                f"{value} is outside of `backend.path`, {backend.path}",
                right,
            )
    actual = alembic.script_location(app, migrations)
    if actual is not None and actual != (app / migrations.scripts).resolve():
        wrong = f"{migrations.config} says that the revisions lie elsewhere"
        yield (*_MIGRATIONS, "scripts"), wrong, f"expected {_shown(app, actual)}"


def is_inside(path: str, folder: str) -> bool:
    """Tell whether a path is written as one below a folder; both are from the same root."""
    root, way = PurePosixPath(folder), PurePosixPath(path)
    return way.is_relative_to(root) and ".." not in way.relative_to(root).parts


def _exists(
    app: Path, key: tuple[str, ...], value: str, *, beside: str = ".", folder: bool = False
) -> _Found:
    path = (app / value).resolve()
    what = "folder" if folder else "file"
    if not path.is_relative_to(app.resolve()):
        yield key, f"{value} is outside of the application", f"a {what} inside of {app}"
    elif not (path.is_dir() if folder else path.is_file()):
        right = f"the path of a {what}, from the application's root"
        if (app / beside / value).exists():
            right += f"; did you mean `{(Path(beside) / value).as_posix()}`?"
        yield key, f"there is no {what} {value}", right


def _shown(app: Path, path: Path) -> str:
    resolved = app.resolve()
    return path.relative_to(resolved).as_posix() if path.is_relative_to(resolved) else str(path)
