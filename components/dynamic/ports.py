"""Ports that are chosen once and kept."""

import zlib
from collections.abc import Iterator
from typing import Any

import pulumi
from pulumi import dynamic
from pulumi.runtime import rpc

from components.contract.ports import is_free

FIRST, LAST = 20000, 32000
"""Below Linux's range for outgoing connections, so that none takes a port between two restarts."""


def candidates(seed: str) -> Iterator[int]:
    """Yield every port of the range, from a place that depends on the seed.

    Two environments start looking in two places, so that they rarely meet.
    """
    size = LAST - FIRST
    start = zlib.crc32(seed.encode()) % size
    return (FIRST + (start + offset) % size for offset in range(size))


def allocate(
    names: list[str], fixed: dict[str, int], kept: dict[str, int], seed: str
) -> dict[str, int]:
    """Return a port for each name: the fixed one, the kept one, or a free one."""
    ports = {name: kept[name] for name in names if name in kept}
    for name, port in fixed.items():
        if ports.get(name) != port and not is_free(port):
            raise ValueError(
                f"port {port} ({name}) is taken by somebody else; "
                "free it, or set slipway:publicPort to another"
            )
        ports[name] = port
    taken = {*ports.values(), *kept.values()}
    free = (port for port in candidates(seed) if port not in taken and is_free(port))
    for name in names:
        if name not in ports:
            ports[name] = next(free)
    return ports


class PortsProvider(dynamic.ResourceProvider):
    """Keeps a mapping of names to ports; names may be added later."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Choose a port for each name."""
        ports = allocate(props["names"], _integers(props["fixed"]), {}, props["seed"])
        return dynamic.CreateResult(props["seed"], {**props, "ports": ports})

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """A name without a port, or a fixed port that is another, is a change."""
        ports, wanted = old["ports"], new["fixed"]
        if rpc.UNKNOWN in (new["names"], wanted):
            return dynamic.DiffResult(changes=True)
        missing = any(name not in ports for name in new["names"])
        other = any(ports.get(name) != port for name, port in wanted.items())
        return dynamic.DiffResult(changes=missing or other)

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Keep the ports that are known, choose the rest."""
        kept = _integers(old["ports"])
        ports = {**kept, **allocate(new["names"], _integers(new["fixed"]), kept, new["seed"])}
        return dynamic.UpdateResult({**new, "ports": ports})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Return what is known: a port is a promise, there is nothing to look at."""
        return dynamic.ReadResult(id_, props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Nothing to free: nothing listens for the sake of a name."""


def _integers(ports: dict[str, Any]) -> dict[str, int]:
    # The engine carries numbers as floating point.
    return {name: int(port) for name, port in ports.items()}


class Ports(dynamic.Resource, module="local", name="Ports"):
    """Ports by name. `fixed` ones are taken as given, or refused where somebody listens there."""

    ports: pulumi.Output[dict[str, int]]

    def __init__(
        self,
        name: str,
        *,
        names: pulumi.Input[list[str]],
        fixed: pulumi.Input[dict[str, int]],
        seed: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the ports."""
        inputs = {"names": names, "fixed": fixed, "seed": seed, "ports": None}
        super().__init__(PortsProvider(), name, inputs, opts)
