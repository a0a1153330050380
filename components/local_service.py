"""A service on this machine: supervised replicas in two slots."""

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pulumi

from components import workload
from components.contract.desired import SLOTS, DesiredState, SlotName
from components.contract.release import ServiceName
from components.dynamic.processes import Processes
from components.dynamic.programs import Program
from components.host import replica_port
from components.service import ServiceArgs

DRAIN_MARGIN_SECONDS = 5
"""A process that drains is given a little longer than it was told to take."""


class LocalService(pulumi.ComponentResource):
    """Both slots of one service, always declared; an idle slot is a group without programs."""

    TYPE: ClassVar[str]
    SERVICE: ClassVar[ServiceName]
    endpoints: pulumi.Output[dict[str, list[str]]]
    slot_urls: pulumi.Output[dict[str, str]]
    access: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the slots."""
        super().__init__(self.TYPE, name, None, opts)
        placed: pulumi.Output[list[Any]] = pulumi.Output.all(args.state, args.host.ports)
        started: pulumi.Output[list[Any]] = pulumi.Output.all(placed, args.values)
        for slot in SLOTS:
            Processes(
                f"{name}-{slot}",
                run=args.host.run,
                group=f"{self.SERVICE}-{slot}",
                programs=started.apply(partial(self._programs, slot)),
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=[args.host.supervisor, args.discovered]
                ),
            )
        self.endpoints = placed.apply(
            lambda known: {slot: self._endpoints(slot, *known) for slot in SLOTS}
        )
        self.slot_urls = pulumi.Output.from_input({})
        self.access = pulumi.Output.from_input({})
        self.register_outputs({"endpoints": self.endpoints})

    def _programs(self, slot: SlotName, known: list[Any]) -> dict[str, Program]:
        state: DesiredState
        (state, ports), values = known
        held = state.service(self.SERVICE).slot(slot)
        release = state.releases.get(held.release or "")
        artifact = release.artifact(self.SERVICE) if release else None
        if release is None or artifact is None:
            return {}
        programs: dict[str, Program] = {}
        for index in range(held.replicas):
            name = replica_port(self.SERVICE, slot, index)
            resolved = workload.replica_values(values, release, ports[name])
            programs[name] = {
                "command": workload.command(artifact, resolved),
                "directory": str(Path(artifact.path) / artifact.working_directory),
                "environment": workload.environment(artifact, resolved),
                "stop_seconds": artifact.drain_seconds + DRAIN_MARGIN_SECONDS,
            }
        return programs

    def _endpoints(self, slot: SlotName, state: DesiredState, ports: dict[str, int]) -> list[str]:
        held = state.service(self.SERVICE).slot(slot)
        names = [replica_port(self.SERVICE, slot, index) for index in range(held.replicas)]
        return [f"http://127.0.0.1:{ports[name]}" for name in names]
