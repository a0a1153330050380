"""Reads the names, and no secrets, in an application's example environment files."""

import re
from collections.abc import Iterator
from pathlib import Path

from automation.inspection.findings import Reading
from automation.inspection.tree import shown, text
from automation.inspection.variables import PREFIX, understand
from components.contract.release import ServiceName

NAMES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env")
LINE = re.compile(r"^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)\s*=\s*(.*?)\s*$")


def readings(
    app: Path, frontend: str | None, backend: str | None
) -> dict[ServiceName, list[Reading]]:
    """List the variables that example files name, by the service that they are probably for."""
    found: dict[ServiceName, list[Reading]] = {"frontend": [], "backend": []}
    for path, line, name, _ in _lines(app, frontend, backend):
        folder = shown(app, path.parent)
        service: ServiceName = "backend" if backend is not None else "frontend"
        if frontend is not None and (
            PREFIX.match(name) or (folder == frontend and folder != backend)
        ):
            service = "frontend"
        source = f"{shown(app, path)}:{line}"
        one = Reading(name=name, source=source, has_default=True, example=True)
        found[service].append(one)
    return found


def addresses(app: Path, frontend: str | None, backend: str | None) -> dict[str, str]:
    """Map the variables that mean a backend to their example addresses, without credentials."""
    return {
        name: value
        for _, _, name, value in _lines(app, frontend, backend)
        if understand(name).meaning in ("backend_url", "internal_url")
        and re.match(r"https?://[^@]*$", value)
    }


def _lines(
    app: Path, frontend: str | None, backend: str | None
) -> Iterator[tuple[Path, int, str, str]]:
    folders = dict.fromkeys((".", *(one for one in (frontend, backend) if one is not None)))
    for folder in folders:
        for file in NAMES:
            path = app / folder / file
            for number, line in enumerate(text(path).splitlines(), start=1):
                match = LINE.match(line)
                if match:
                    yield path, number, match[1], match[2].strip("'\"")
