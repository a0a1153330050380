"""This machine, for the platforms called `local`: folders, ports and a supervisor."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pulumi

from components.contract.desired import SLOTS, DesiredState
from components.contract.release import SERVICES, ServiceName
from components.dynamic.ports import Ports
from components.dynamic.supervisor import Supervisor

SHARED_PORTS = ("public", "internal", "admin", "database", "assets")


def replica_port(service: str, slot: str, index: int) -> str:
    """Return the name of a replica's port."""
    return f"{service}-{slot}-{index}"


@dataclass(frozen=True, kw_only=True)
class HostArgs:
    """`folder` is the environment's; `replicas` are those of the settings; `public_port` is 0
    where the operator set none."""

    folder: Path
    state: pulumi.Output[DesiredState]
    replicas: dict[ServiceName, int]
    public_port: int

    def __post_init__(self) -> None:
        if not self.folder.is_absolute():
            raise ValueError(f"folder: expected an absolute path, got {self.folder}")


class Host(pulumi.ComponentResource):
    """Ports that are chosen once and kept, and a supervisor that outlives the driver."""

    TYPE: ClassVar[str] = "slipway:index:Host"
    ports: pulumi.Output[dict[str, int]]
    run: pulumi.Output[str]

    def __init__(
        self, name: str, args: HostArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the host."""
        super().__init__(self.TYPE, name, None, opts)
        self.folder, run = args.folder, str(args.folder / "run")
        ports = Ports(
            f"{name}-ports",
            names=args.state.apply(lambda state: port_names(state, args.replicas)),
            fixed=args.state.apply(lambda state: _fixed(state, args.public_port)),
            seed=str(args.folder),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.supervisor = Supervisor(
            f"{name}-supervisor",
            run=run,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Known in every preview, whatever happens to the supervisor; who needs it depends on it.
        self.run = pulumi.Output.from_input(run)
        self.ports = ports.ports.apply(lambda by_name: {k: int(v) for k, v in by_name.items()})
        self.register_outputs({"ports": self.ports, "run": self.run})


def port_names(state: DesiredState, replicas: dict[ServiceName, int]) -> list[str]:
    """List the ports that a state needs: the shared ones and one for each possible replica."""
    names = list(SHARED_PORTS)
    for service in SERVICES:
        for slot in SLOTS:
            count = max(replicas[service], state.service(service).slot(slot).replicas)
            names += [replica_port(service, slot, index) for index in range(count)]
    return names


def _fixed(state: DesiredState, public_port: int) -> dict[str, int]:
    port = public_port or (state.address.port if state.address else None)
    return {"public": port} if port else {}
