"""The branches of one Neon project that Slipway made, by their names, and connections to them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from automation.databases.base import Roles
from automation.errors import Blocked, DeploymentFailed
from automation.migrations.connection import Target
from clients.neon import branches, endpoints, operations, roles
from clients.neon.errors import NeonError, Refused
from clients.neon.transport import Api

BACKUP, UNVERIFIED = "slipway-backup-", "slipway-unverified-"
COPY, REPLACED = "slipway-copy-", "slipway-replaced-"
SIZES = ("autoscaling_limit_min_cu", "autoscaling_limit_max_cu")
Json = dict[str, Any]


@contextmanager
def told(error: type[Blocked] | type[DeploymentFailed], what: str) -> Iterator[None]:
    """Say what Neon refuses as the driver's own errors do."""
    try:
        yield
    except NeonError as refused:
        hint = refused.hint
        if isinstance(refused, Refused) and refused.code == "BRANCHES_LIMIT_EXCEEDED":
            hint = (
                "The plan allows no more branches: lower slipway:backupsRetained, delete some "
                "in Neon's console, or choose a larger plan."
            )
        raise error(f"{what}: {refused.message}", hint=hint) from None


class Branches:
    """Branches by their names. `database` is the stack's output, with the ids of both."""

    def __init__(self, api: Api, database: Mapping[str, str], live: Roles) -> None:
        try:
            self._project, self._main = database["neon_project"], database["neon_branch"]
        except KeyError:
            raise Blocked(
                "the environment's database is not at Neon",
                hint="Set slipway:databasePlatform back, or destroy the environment first.",
            ) from None
        self._api, self._live = api, live

    def find(self, name: str) -> Json | None:
        """Return a branch, or None where there is none of that name."""
        return branches.find(self._api, self._project, name)

    def get(self, name: str) -> Json:
        """Return a branch that must be there."""
        found = self.find(name)
        if found is None:
            raise NeonError(f"the branch {name} is not there", hint="It was there a moment ago.")
        return found

    def called(self, *prefixes: str) -> list[Json]:
        """List the branches whose names begin with one of these, oldest first."""
        found = branches.listed(self._api, self._project)
        own = [branch for branch in found if branch["name"].startswith(prefixes)]
        return sorted(own, key=lambda branch: str(branch["created_at"]))

    def make(self, name: str) -> None:
        """Make a branch of the database as it is now, without a compute."""
        branches.ensure(self._api, self._project, name, parent=self._main)

    def copy(self, source: str, name: str) -> Roles:
        """Make a branch of a branch, with a compute, and return how to connect to it."""
        parent = self.get(source)["id"]
        compute = {"type": "read_write", **self._sizes()}
        made = branches.ensure(self._api, self._project, name, parent=parent, endpoint=compute)
        return self._roles(made["id"])

    def rename(self, name: str, to: str) -> None:
        """Give a branch another name."""
        branches.rename(self._api, self._project, self.get(name)["id"], to)

    def remove(self, name: str) -> None:
        """Delete a branch where there is one. Raise Refused where others are made of it."""
        found = self.find(name)
        if found is not None:
            branches.delete(self._api, self._project, found["id"])

    def restore(self, source: str, keep: str) -> None:
        """Give the database's branch the data of another, and keep what it held under a name."""
        origin, kept = self.get(source)["id"], self.find(keep)
        if kept is not None:
            operations.settle(self._api, self._project)
            main = branches.get(self._api, self._project, self._main) or {}
            if main.get("parent_id") != origin:
                raise NeonError(
                    f"there is a branch {keep} already, of another restore",
                    hint="Rename it in Neon's console and run the command again.",
                )
            return
        branches.restore(self._api, self._project, self._main, source=origin, preserve=keep)

    def settle(self) -> None:
        """Wait for what a killed command had asked for."""
        operations.settle(self._api, self._project)

    @contextmanager
    def awake(self, branch: str) -> Iterator[Roles]:
        """Give a branch a compute for a while, and return how to connect to it."""
        endpoint, made = endpoints.ensure(self._api, self._project, branch, self._sizes())
        try:
            yield self._roles(branch)
        finally:
            if made:
                with suppress(NeonError):
                    endpoints.delete(self._api, self._project, endpoint["id"])

    def sleep(self, branch: str) -> None:
        """Take the compute of a branch away, where it has one."""
        endpoint = endpoints.of_branch(self._api, self._project, branch)
        if endpoint is not None:
            endpoints.delete(self._api, self._project, endpoint["id"])

    def _sizes(self) -> Json:
        # What is rehearsed should take as long as it will take.
        main = endpoints.of_branch(self._api, self._project, self._main) or {}
        return {key: main[key] for key in SIZES if key in main}

    def _roles(self, branch: str) -> Roles:
        owner = self._live.owner
        found = roles.connection(
            self._api,
            self._project,
            branch,
            database=owner.name,
            role=owner.user,
            pooled=False,
        )

        def there(target: Target) -> Target:
            placed = replace(target, host=found.host, port=found.port, sslmode=found.sslmode)
            # A branch may have passwords of its own for the roles that Neon manages.
            same = target.user == found.user and found.password
            return replace(placed, password=found.password) if same else placed

        live = self._live
        return Roles(there(live.owner), there(live.application), there(live.admin))
