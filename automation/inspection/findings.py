"""What an inspection found, and in which file. Paths are relative to the application's root."""

from dataclasses import dataclass
from typing import Literal

from automation.specification.models import Migrations
from components.contract.release import ServiceName

SchemaOwner = Literal["migrations", "application"]


@dataclass(frozen=True)
class Sighting:
    """Where a value was seen that looks like a credential. Never holds the value."""

    file: str
    line: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A place where the code reads an environment variable; `source` is `file:line`.

    `wants_list`: the code parses the value as a JSON list. `example`: no code was seen to read it,
    only an example file names it.
    """

    name: str
    source: str
    has_default: bool
    wants_list: bool = False
    example: bool = False


@dataclass(frozen=True, kw_only=True)
class FoundFrontend:
    """The frontend. `server` says how it is served, for people.

    `server_paths`: its code itself writes the backend's path, such as `/api/`.
    """

    path: str
    source: str
    kind: Literal["nextjs", "node", "static"]
    framework: str
    lockfile: str | None
    workspace: str | None
    server: str
    output: str | None
    health: str | None
    own_api: bool
    server_paths: bool
    readings: tuple[Reading, ...]


@dataclass(frozen=True, kw_only=True)
class FoundBackend:
    """The backend. `import_path`: what PYTHONPATH needs, from the backend's own folder.

    `prefixed`: its routes begin with /api; some of `health` may be reachable only outside of it.
    """

    path: str
    source: str
    application: str | None
    application_source: str | None
    factory: bool
    import_path: str | None
    requirements: str | None
    lockfile: str | None
    python: str | None
    dependencies: frozenset[str]
    health: str | None
    health_under_prefix: str | None
    ready: str | None
    metrics: str | None
    prefixed: bool
    readings: tuple[Reading, ...]


@dataclass(frozen=True, kw_only=True)
class FoundDatabase:
    """The database. `scheme` is that of its URL where the application wants another than ours."""

    source: str
    schema_owner: SchemaOwner
    migrations: Migrations | None
    scheme: str | None


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What a variable gets: a template, or nothing but a place in the list of required ones."""

    service: ServiceName
    name: str
    source: str
    value: str | None
    required: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that was found. `checks` are what a person must look at."""

    name: str
    frontend: FoundFrontend | None
    backend: FoundBackend | None
    database: FoundDatabase | None
    route: str
    strip_route: bool
    assignments: tuple[Assignment, ...]
    generated: tuple[str, ...]
    given: tuple[str, ...]
    sightings: tuple[Sighting, ...]
    checks: tuple[str, ...]
