"""An environment's database at the fake, made by the resources of the program."""

from typing import Any

from components.dynamic.neon_application_role import ApplicationRoleProvider
from components.dynamic.neon_branch import BranchProvider
from components.dynamic.neon_database import DatabaseProvider
from components.dynamic.neon_project import ProjectProvider
from components.dynamic.neon_role import RoleProvider

PASSWORD = "sentinel-application-password"


def deployed(name: str) -> dict[str, str]:
    """Return the stack's output of a new, empty database; NEON_API_KEY and _URL are set."""
    made = ProjectProvider().create(
        {
            "name": name,
            "region": "aws-us-east-1",
            "postgres_version": 18,
            "history_retention_seconds": 86400,
            "organization": "",
            "branch": "main",
            "role": "owner_test",
            "database": "app_test",
        }
    )
    branch = BranchProvider().create({"project": made.id, "name": "main", "parent": ""})
    place = {"project": made.id, "branch": branch.id}
    owner = RoleProvider().create({**place, "name": "owner_test"}).outs
    where = {**place, "name": "app_test", "owner": "owner_test"}
    database: dict[str, Any] = DatabaseProvider().create(where).outs
    role = {
        **{key: database[key] for key in ("host", "port", "sslmode")},
        "database": "app_test",
        "owner": "owner_test",
        "owner_password": owner["password"],
        "user": "app_test",
        "password": PASSWORD,
        "application_owns_schema": False,
    }
    ApplicationRoleProvider().create(role)
    return {
        "host": database["pooled_host"],
        "direct_host": database["host"],
        "port": str(database["port"]),
        "sslmode": database["sslmode"],
        "name": "app_test",
        "user": "app_test",
        "password": PASSWORD,
        "owner": "owner_test",
        "owner_password": owner["password"],
        "admin": "owner_test",
        "admin_password": owner["password"],
        "neon_project": made.id,
        "neon_branch": branch.id,
    }
