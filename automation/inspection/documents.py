"""Writes what an inspection found as specification documents for a person to review."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from automation.errors import InvalidInput
from automation.inspection import prose
from automation.inspection.findings import Findings
from automation.inspection.services import backend, frontend
from automation.inspection.smoke import flows, load

DEPLOYMENT = "specs/deployment/application.md"
INFRASTRUCTURE = "specs/infrastructure/environments.md"
DATABASE = "specs/database/database.md"
ARCHITECTURE = "specs/architecture/overview.md"
SECRET_LENGTH = 64
"""Characters of a generated secret: enough for every signing algorithm in use."""

Block = tuple[str, Mapping[str, Any]]


def documents(findings: Findings) -> dict[str, str]:
    """Return the four documents by their path from the application's root."""
    return {
        DEPLOYMENT: _document(_deployment(findings), prose.deployment(findings)),
        INFRASTRUCTURE: _document(_infrastructure(), prose.infrastructure(findings)),
        DATABASE: _document(_database(findings), prose.database(findings)),
        ARCHITECTURE: _document(
            [("Services of others that the application calls.", {"external_services": []})],
            prose.architecture(findings),
        ),
    }


def write(app: Path, texts: Mapping[str, str], force: bool) -> list[Path]:
    """Write all documents and return their paths.

    Raise InvalidInput, having written nothing, where one of them exists and `force` is not set.
    """
    existing = [name for name in texts if (app / name).exists()]
    if existing and not force:
        raise InvalidInput(
            f"{app} has specification documents already: {', '.join(existing)}",
            hint="Edit them, or let them be overwritten with --force.",
        )
    written = []
    for name, content in texts.items():
        path = app / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            part.write_text(content, "utf-8")
            part.replace(path)
        except OSError as error:
            raise InvalidInput(
                f"{path}: cannot be written: {error.strerror}",
                hint="Make the folder writable, or free some space on its disk.",
            ) from None
        written.append(path)
    return written


def _deployment(findings: Findings) -> list[Block]:
    blocks: list[Block] = [
        ("", {"name": findings.name, "environments": ["development", "staging", "production"]})
    ]
    if findings.frontend is not None:
        found = findings.frontend
        comment = f"{found.framework}, from {found.source}; {found.lockfile or 'no lock file'}"
        blocks.append((comment, {"frontend": frontend(findings, found)}))
    if findings.backend is not None:
        comment = f"The ASGI application is in {findings.backend.application_source}."
        blocks.append((comment, {"backend": backend(findings, findings.backend)}))
    if findings.generated or findings.given:
        comment = "`generate`: characters that Slipway makes, once. Without it you give the value."
        blocks.append((comment, {"secrets": _secrets(findings)}))
    blocks.append(("Tried as a user after every deployment. Add what matters.", flows(findings)))
    blocks.append(("Requests for measuring response times.", load(findings)))
    blocks.append(("For people; add what is special about this application.", _ROLLBACK))
    return blocks


_ROLLBACK = {
    "rollback": {
        "procedure": [
            "Run `./slipway rollback ENVIRONMENT`; it returns to the release that served before.",
            "Run `./slipway verify ENVIRONMENT` and read its verdict.",
            "Leave the database as it is, unless its newest change is itself the fault.",
        ]
    }
}


def _secrets(findings: Findings) -> dict[str, Any]:
    sources = {one.name: one.source for one in findings.assignments}
    return {
        **{
            name: {"generate": SECRET_LENGTH, "description": f"read in {sources[name]}"}
            for name in findings.generated
        },
        **{name: {"description": f"read in {sources[name]}"} for name in findings.given},
    }


def _infrastructure() -> list[Block]:
    thresholds = {
        "error_rate_percent": 5,
        "p95_milliseconds": 1000,
        "cpu_percent": 80,
        "memory_percent": 85,
        "connection_pool_percent": 90,
    }
    return [("Above these somebody should look.", {"thresholds": thresholds})]


def _database(findings: Findings) -> list[Block]:
    found = findings.database
    if found is None:
        return []
    values: dict[str, Any] = {"schema_owner": found.schema_owner}
    if found.migrations is not None:
        values["migrations"] = found.migrations.model_dump()
    return [(f"From {found.source}.", {"database": values})]


def _document(blocks: list[Block], text: str) -> str:
    if not blocks:
        return text
    parts = []
    for comment, values in blocks:
        dumped = yaml.safe_dump(dict(values), sort_keys=False, width=1000, allow_unicode=True)
        parts.append((f"# {comment}\n" if comment else "") + dumped)
    return "---\n" + "\n".join(parts) + "---\n\n" + text
