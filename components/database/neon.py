"""PostgreSQL at Neon: one project for one environment."""

import re
from pathlib import PurePosixPath
from typing import Any, ClassVar

import pulumi

from components.contract.desired import DesiredState
from components.database.base import DatabaseArgs
from components.dynamic.neon_application_role import ApplicationRole
from components.dynamic.neon_branch import Branch
from components.dynamic.neon_database import Database
from components.dynamic.neon_endpoint import Endpoint
from components.dynamic.neon_project import Project
from components.dynamic.neon_role import Role
from components.dynamic.secret_values import SecretValues

BRANCH = "main"
PASSWORD_LENGTH, SUFFIX_LENGTH = 32, 8
APPLICATION_LENGTH = 40
"""Of the application's part in a project's name, of which Neon allows 256 characters."""
KEPT = ("production",)
"""Environments whose project the engine refuses to delete, or to replace."""


class NeonDatabase(pulumi.ComponentResource):
    """A project with its branch, endpoint, owner and database, and a least-privileged role.

    `connection` also has `direct_host`, where `host` is the pooler's, `sslmode`, and the ids
    `neon_project` and `neon_branch`.
    """

    TYPE: ClassVar[str] = "slipway:index:Database"
    connection: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the database."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._database, self._owner = f"app_{args.environment}", f"owner_{args.environment}"
        lengths = {"password": PASSWORD_LENGTH, "suffix": SUFFIX_LENGTH}
        self._made = SecretValues(
            f"{name}-passwords", lengths=lengths, opts=pulumi.ResourceOptions(parent=self)
        ).values
        self._project = self._declare_project()
        # What a project holds goes with it.
        inside = pulumi.ResourceOptions(parent=self, deleted_with=self._project)
        self._branch = Branch(
            f"{name}-branch", project=self._project.id, branch=BRANCH, opts=inside
        )
        place = {"project": self._project.id, "branch": self._branch.id}
        endpoint = Endpoint(f"{name}-endpoint", **place, sizes=self._sizes(), opts=inside)
        owner = Role(f"{name}-owner", **place, role=self._owner, opts=inside)
        after = pulumi.ResourceOptions.merge(
            inside, pulumi.ResourceOptions(depends_on=[endpoint, owner])
        )
        database = Database(
            f"{name}-database", **place, database=self._database, owner=self._owner, opts=after
        )
        self.connection = self._connection(database, owner, inside)
        self.register_outputs({"connection": self.connection})

    def _declare_project(self) -> Project:
        settings = self._args.settings
        kept = self._args.environment in KEPT
        return Project(
            f"{self._name}-project",
            # Made with the passwords and kept as they are, the suffix is no secret.
            project=settings.neon_project
            or pulumi.Output.unsecret(self._made.apply(self._project_name)),
            region=settings.neon_region,
            postgres_version=settings.neon_postgres_version,
            history_retention_seconds=settings.neon_history_retention_seconds,
            organization=settings.neon_organization,
            first={"branch": BRANCH, "role": self._owner, "database": self._database},
            opts=pulumi.ResourceOptions(parent=self, protect=kept, retain_on_delete=kept),
        )

    def _project_name(self, made: dict[str, str]) -> str:
        application = PurePosixPath(self._args.settings.application).name.lower()
        plain = re.sub(r"[^a-z0-9]+", "-", application).strip("-")[:APPLICATION_LENGTH]
        # Projects are found by name after a lost answer: it must be nobody else's.
        return f"{plain or 'slipway'}-{self._args.environment}-{made['suffix'].lower()}"

    def _sizes(self) -> dict[str, float]:
        settings = self._args.settings
        return {
            "minimum_compute_units": settings.neon_minimum_compute_units,
            "maximum_compute_units": settings.neon_maximum_compute_units,
            "suspend_seconds": settings.neon_suspend_seconds,
        }

    def _connection(
        self, database: Database, owner: Role, opts: pulumi.ResourceOptions
    ) -> pulumi.Output[dict[str, str]]:
        properties: dict[str, pulumi.Input[Any]] = {
            "host": database.host,
            "port": database.port,
            "sslmode": database.sslmode,
            "database": self._database,
            "owner": self._owner,
            "owner_password": pulumi.Output.secret(owner.password),
            "user": self._database,
            "password": pulumi.Output.secret(self._made.apply(lambda made: made["password"])),
            "application_owns_schema": self._args.state.apply(_application_owns_schema),
        }
        role = ApplicationRole(f"{self._name}-application", properties=properties, opts=opts)
        known: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
            **properties,
            pooled_host=database.pooled_host,
            project=self._project.id,
            branch=self._branch.id,
            # By way of the id, whoever uses the connection waits for the role.
            id=role.id,
        )
        texts: pulumi.Output[dict[str, str]] = known.apply(_texts)
        return pulumi.Output.secret(texts)


def _texts(known: dict[str, Any]) -> dict[str, str]:
    return {
        "host": known["pooled_host"],
        "direct_host": known["host"],
        "port": str(int(known["port"])),
        "sslmode": known["sslmode"],
        "name": known["database"],
        "user": known["user"],
        "password": known["password"],
        "owner": known["owner"],
        "owner_password": known["owner_password"],
        "admin": known["owner"],
        "admin_password": known["owner_password"],
        "neon_project": known["project"],
        "neon_branch": known["branch"],
    }


def _application_owns_schema(state: DesiredState) -> bool:
    return any(release.application_owns_schema for release in state.releases.values())
