"""The shape of the specification: the front matter of `<app>/specs/**/*.md`, merged."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from automation.specification.base import Document
from automation.specification.flows import Category, Expect, Flow, Severity, Step
from automation.specification.names import LOAD, SECRETS, VARIABLES, VERSION
from components.contract.alerting.rules import Limits

__all__ = [
    "Backend", "Category", "Database", "Document", "Environment", "Expect", "Flow", "Frontend",
    "Migrations", "Rollback", "Secret", "Service", "Severity", "Specification", "Step",
    "Thresholds",
]  # fmt: skip

Environment = Literal["development", "staging", "production"]
DAY_MINUTES = 1440
"""CloudWatch, which evaluates minute by minute, looks back no further."""


class Secret(Document):
    """A secret that the application needs: made once by Slipway, or given by the operator.

    `generate` is the number of characters to make; without it the operator gives the value
    with `pulumi config set --secret secrets:NAME`.
    """

    generate: int | None = Field(default=None, ge=16, le=512)
    description: str = ""


class Service(Document):
    """What the services have in common. Paths are relative to the application's root.

    `install`, `build` and `start` are commands for a POSIX shell; unset ones follow from `kind`
    and the lock file. `start` receives its port as `$PORT` (or `port_variable`) and `${port}`.
    `variables` are given at build time where their references allow it, and at run time.
    """

    path: str = "."
    install: str | None = None
    build: str | None = None
    start: str | None = None
    port_variable: Annotated[str, AfterValidator(VARIABLES)] = "PORT"
    variables: Annotated[dict[str, str], AfterValidator(VARIABLES)] = Field(default_factory=dict)
    required_variables: Annotated[tuple[str, ...], AfterValidator(VARIABLES)] = ()
    health: str | None = None
    start_seconds: int = Field(default=60, ge=1, le=3600)
    drain_seconds: int = Field(default=20, ge=0, le=600)
    exclude: tuple[str, ...] = ()


class Frontend(Service):
    """The frontend: a Next.js server, another Node server, or static files.

    `output` is the folder, from `path`, with the files to serve when `kind` is static.
    `workspace` is the root of the monorepo that `path` is part of, if any.
    """

    kind: Literal["nextjs", "node", "static"] = "nextjs"
    output: str | None = None
    workspace: str | None = None
    health: str | None = "/"


class Backend(Service):
    """The backend: an ASGI application.

    `application` is `module:attribute`. `route` is the public path that leads to it;
    `strip_route` removes it before the request reaches the application. `requirements` is a file
    of requirements, from `path`.
    """

    application: str | None = None
    route: str = "/api"
    strip_route: bool = False
    health: str | None = "/health"
    ready: str | None = None
    metrics: str | None = None
    requirements: str | None = None

    @model_validator(mode="after")
    def _starts_somehow(self) -> "Backend":
        if self.application is None and self.start is None:
            raise ValueError("backend needs `application` (module:attribute) or `start`")
        return self


class Migrations(Document):
    """Alembic's configuration file and where its revisions lie, from the application's root.

    All three are paths from the application's root, such as `backend/alembic.ini`, `backend` and
    `backend/alembic`. `path` is the folder that Alembic runs in; `scripts` holds `env.py`.
    """

    config: str = "alembic.ini"
    path: str = "."
    scripts: str = "alembic"


class Database(Document):
    """What the application expects of its database.

    `schema_owner`: the role that creates tables. `migrations`: the owner, and the application
    gets a role that may only read and write rows; `application`: the application itself.
    """

    schema_owner: Literal["migrations", "application"] = "migrations"
    migrations: Migrations | None = None


class Thresholds(Limits, Document):
    """Alerting thresholds; what an application does not say is as usual."""

    @field_validator(*(name for name in Limits.model_fields if name.endswith("_minutes")))
    @classmethod
    def _can_pass(cls, minutes: int) -> int:
        if not 1 <= minutes <= DAY_MINUTES:
            raise ValueError(f"{minutes}: no number of minutes; expected 1 to {DAY_MINUTES}")
        return minutes


class Rollback(Document):
    """How to go back, for people; `triggers` are named in the rollback plan."""

    procedure: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ("health check failures", "error rate", "latency", "smoke tests")


class Specification(Document):
    """All documents of one application, merged."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,38}$")
    version: Annotated[str | None, AfterValidator(VERSION)] = None
    environments: tuple[Environment, ...] = ("development", "staging", "production")
    frontend: Frontend | None = None
    backend: Backend | None = None
    secrets: Annotated[dict[str, Secret], AfterValidator(SECRETS)] = Field(default_factory=dict)
    database: Database | None = None
    smoke: tuple[Flow, ...] = ()
    load: Annotated[tuple[str, ...], AfterValidator(LOAD)] = ()
    thresholds: Thresholds = Thresholds()
    rollback: Rollback = Rollback()
    external_services: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _deploys_something(self) -> "Specification":
        if self.frontend is None and self.backend is None:
            raise ValueError("neither `frontend` nor `backend` is declared: nothing to deploy")
        return self
