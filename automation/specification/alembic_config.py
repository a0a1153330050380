"""Reads where Alembic's revisions lie from its configuration, without importing Alembic."""

import configparser
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from automation.errors import InvalidInput
from automation.specification.models import Migrations

SEPARATORS = {"os": os.pathsep, "space": " ", "newline": "\n", ":": ":", ";": ";"}


def script_location(app: Path, migrations: Migrations) -> Path | None:
    """Return the folder that holds `env.py`, or None where the configuration names none."""
    named = _options(app, migrations).get("script_location")
    return None if named is None else _place(app, migrations, str(named))


def version_folders(app: Path, migrations: Migrations) -> tuple[list[Path], bool]:
    """Return the folders with revisions, and whether their subfolders count too."""
    options = _options(app, migrations)
    recursive = str(options.get("recursive_version_locations", "")).lower() in ("true", "1", "yes")
    named = options.get("version_locations")
    if named:
        places = named if isinstance(named, list) else _split(str(named), options)
        return [_place(app, migrations, place) for place in places], recursive
    scripts = script_location(app, migrations) or (app / migrations.scripts).resolve()
    return [scripts / "versions"], recursive


def _options(app: Path, migrations: Migrations) -> Mapping[str, Any]:
    path = app / migrations.config
    here = str(path.resolve().parent)
    if path.suffix == ".toml":
        try:
            table = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("alembic", {})
        except (OSError, ValueError) as error:
            raise _unreadable(migrations, error) from None
        return {key: _here(value, here) for key, value in table.items()}
    parser = configparser.ConfigParser({"here": here})
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
        names = ("script_location", "version_locations", "recursive_version_locations",
                 "path_separator", "version_path_separator")  # fmt: skip
        found = {name: parser.get("alembic", name, fallback=None) for name in names}
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise _unreadable(migrations, error) from None
    return {name: value for name, value in found.items() if value is not None}


def _here(value: Any, here: str) -> Any:
    if isinstance(value, list):
        return [_here(one, here) for one in value]
    return value.replace("%(here)s", here) if isinstance(value, str) else value


def _unreadable(migrations: Migrations, error: Exception) -> InvalidInput:
    first = str(error).splitlines()[0]
    return InvalidInput(
        f"{migrations.config}: cannot be read as Alembic's configuration: {first}",
        hint="Mend the file, or name another one under `database.migrations.config`.",
    )


def _split(value: str, options: Mapping[str, Any]) -> list[str]:
    named = options.get("path_separator") or options.get("version_path_separator")
    parts = value.split(SEPARATORS[named]) if named in SEPARATORS else re.split(r"[,\s]+", value)
    return [part.strip() for part in parts if part.strip()]


def _place(app: Path, migrations: Migrations, value: str) -> Path:
    """Resolve a path the way Alembic does: from its working folder, or inside a package."""
    root = (app / migrations.path).resolve()
    package, colon, inside = value.partition(":")
    # A package is `name:folder`; a drive letter is one character.
    if colon and len(package) > 1 and "/" not in package:
        for base in (root, root / "src"):
            folder = base.joinpath(*package.split("."))
            if folder.is_dir():
                return (folder / inside).resolve()
        return root.joinpath(*package.split("."), inside)
    return (root / value).resolve()
