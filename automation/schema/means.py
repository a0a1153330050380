"""What a change of the schema is made with, from the context of a deployment."""

import importlib

from automation.context import Context
from automation.databases import DATABASES
from automation.databases.base import DatabasePlatform, Opening, Roles
from automation.errors import Blocked
from automation.migrations.alembic import Alembic
from automation.migrations.connection import Target
from automation.migrations.journal import Place
from automation.migrations.patience import Patience
from automation.migrations.tolerance import Tolerance, Trial, try_release
from automation.specification.models import Specification
from automation.specification.recorded import recorded
from components.contract.platforms import DATABASES as REGISTRY
from components.contract.release import Release
from components.contract.values import reference_values, values_for

FOLDER = "backups"
NOWHERE = {
    "host": "127.0.0.1",
    "port": "1",
    "name": "none",
    "user": "none",
    "password": "none",
}
"""Stands for a database that is not there yet: SQL can be written down without one."""


def platform_of(context: Context) -> DatabasePlatform:
    """Open the database's platform. Raise Blocked for one that the driver does not know."""
    assert context.database is not None, "provisioned environments have a database"
    name = context.settings.database_platform
    if name not in DATABASES:
        raise Blocked(
            f"slipway:databasePlatform: {name} is not known; known: {', '.join(DATABASES)}",
            hint=f"Mend Pulumi.{context.environment}.yaml.",
        )
    module, _, attribute = DATABASES[name].partition(":")
    opening = Opening(
        database=context.database,
        folder=context.home.environment(context.environment) / FOLDER,
        progress=context.events.progress,
        clock=context.clock,
    )
    made: DatabasePlatform = getattr(importlib.import_module(module), attribute)(opening)
    return made


def place_of(context: Context) -> Place:
    """Return where a change of the schema is written down, and looked for by the next command."""
    if REGISTRY[context.settings.database_platform].remote and context.database is not None:
        return Target.owner(context.database)
    return context.home.environment(context.environment)


def alembic_of(context: Context, release: Release, specification: Specification) -> Alembic:
    """Return the migrations of a release, as its artifact has them."""
    assert release.backend is not None, "only a backend has migrations"
    return Alembic(
        artifact=release.backend,
        specification=specification,
        values=values_for(release, _values(context)),
        log=context.folder / "migration.log",
        progress=context.events.progress,
        cancelled=context.interruption.cancelled,
        clean=context.redactor.text,
    )


def tried(context: Context, release: Release, copy: Roles) -> Tolerance:
    """Try a release on a copy of the database."""
    assert context.address is not None
    try:
        specification = recorded(release)
    except Blocked as error:
        return Tolerance(None, error.message)
    trial = Trial(
        release=release,
        specification=specification,
        values=_values(context),
        log=context.folder / f"trial-{release.id}.log",
        clean=context.redactor.text,
        public=context.address.host,
        clock=context.clock,
        stopped=context.interruption.cancelled.is_set,
    )
    return try_release(trial, copy)


def patience_of(context: Context) -> Patience:
    """Return how long, and how often, to wait for locks."""
    return Patience(
        seconds=context.settings.database_lock_timeout_seconds,
        retries=context.settings.database_lock_retries,
        clock=context.clock,
        progress=context.events.progress,
    )


def holder(context: Context) -> str:
    """Return who changes the schema, as the lock names them."""
    return f"{context.deployer}, {context.deployment}"


def _values(context: Context) -> dict[str, str]:
    assert context.address is not None
    return reference_values(
        context.environment,
        context.declared,
        context.address,
        internal_url=context.address.url,
        database=context.database or NOWHERE,
        secrets=context.secrets,
    )
