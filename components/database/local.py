"""PostgreSQL on this machine: a server that outlives the driver."""

from operator import itemgetter
from typing import Any, ClassVar

import pulumi

from components.contract.desired import DesiredState
from components.database.base import DatabaseArgs
from components.dynamic import postgres
from components.dynamic.postgres import Cluster
from components.dynamic.postgres_database import Database
from components.dynamic.processes import Processes
from components.dynamic.secret_values import SecretValues

PASSWORDS = ("admin_password", "owner_password", "password")
PASSWORD_LENGTH = 32


class LocalDatabase(pulumi.ComponentResource):
    """A cluster, its server, a database, an owner and a least-privileged role."""

    TYPE: ClassVar[str] = "slipway:index:Database"
    connection: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the database."""
        super().__init__(self.TYPE, name, None, opts)
        port = args.host.ports.apply(lambda ports: ports["database"])
        lengths = dict.fromkeys(PASSWORDS, PASSWORD_LENGTH)
        passwords = SecretValues(
            f"{name}-passwords", lengths=lengths, opts=pulumi.ResourceOptions(parent=self)
        ).values
        cluster = Cluster(
            f"{name}-cluster",
            directory=str(args.host.folder / "postgres"),
            port=port,
            password=passwords.apply(lambda values: values["admin_password"]),
            # A server that a lost state knows nothing of is stopped before its data is adopted.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.host.supervisor]),
        )
        server = self._server(name, args, cluster)
        properties = self._properties(args, port, passwords)
        database = Database(
            f"{name}-database",
            properties=properties,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[server]),
        )
        known: pulumi.Output[dict[str, Any]] = pulumi.Output.all(**properties, id=database.id)
        # By way of the id, whoever uses the connection waits for the database.
        texts: pulumi.Output[dict[str, str]] = known.apply(_texts)
        self.connection = pulumi.Output.secret(texts)
        self.register_outputs({"connection": self.connection})

    def _server(self, name: str, args: DatabaseArgs, cluster: Cluster) -> Processes:
        programs: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
            cluster.directory, args.host.ports
        ).apply(
            lambda known: {
                "postgres": {
                    "command": [postgres.binary("postgres"), "-D", known[0]],
                    "environment": {"SLIPWAY_DATABASE_PORT": str(known[1]["database"])},
                    "unprivileged": True,
                    "stop_signal": "INT",
                    "stop_seconds": 30,
                }
            }
        )
        return Processes(
            f"{name}-server",
            run=args.host.run,
            group="database-server",
            programs=programs,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.host.supervisor, cluster]),
        )

    def _properties(
        self,
        args: DatabaseArgs,
        port: pulumi.Output[int],
        passwords: pulumi.Output[dict[str, str]],
    ) -> dict[str, pulumi.Input[Any]]:
        names: dict[str, pulumi.Input[Any]] = {
            "host": "127.0.0.1",
            "port": port,
            "name": f"app_{args.environment}",
            "user": f"app_{args.environment}",
            "owner": f"owner_{args.environment}",
            "admin": postgres.ADMINISTRATOR,
            "application_owns_schema": args.state.apply(_application_owns_schema),
        }
        for key in PASSWORDS:
            names[key] = passwords.apply(itemgetter(key))
        return names


def _texts(known: dict[str, Any]) -> dict[str, str]:
    # The engine carries numbers as floating point.
    return {
        key: str(int(value) if isinstance(value, float) else value)
        for key, value in known.items()
        if key != "id"
    }


def _application_owns_schema(state: DesiredState) -> bool:
    return any(release.application_owns_schema for release in state.releases.values())
