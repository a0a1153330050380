"""A real Prometheus that scrapes replicas; and replicas that count as applications do."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import yaml
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from tests.doubles.closing import Closing
from tests.doubles.web import Asked, Reply, Web

PROMETHEUS = shutil.which("prometheus")
PROMTOOL = shutil.which("promtool")
SCRAPED_EVERY = "1s"
"""A scrape has no more time than that, and one that takes longer leaves a gap."""
EVALUATED_EVERY = "200ms"
DEADLINE = 30.0


class Replica(Closing):
    """Counts what `serve` is told, and exposes it at `/metrics`.

    With `fine` it does so as prometheus-fastapi-instrumentator; without, as the example.
    """

    def __init__(self, *, fine: bool = True) -> None:
        self._is_fine = fine
        self._count()
        self.web = Web(self._expose)

    def serve(
        self, times: int = 1, status: int = 200, seconds: float = 0.003, at: str = "/api"
    ) -> None:
        shown = f"{status // 100}xx" if self._is_fine else str(status)
        self.requests.labels("GET", at, shown).inc(times)
        for _ in range(times):
            self.by_route.labels("GET", at).observe(seconds)
            if self._is_fine:
                self.fine.observe(seconds)

    def restart(self) -> None:
        """Count from zero."""
        self._count()

    def close(self) -> None:
        self.web.close()

    def _count(self) -> None:
        self.registry = registry = CollectorRegistry()
        route = "handler" if self._is_fine else "route"
        self.requests = Counter("http_requests", "", ["method", route, "status"], registry=registry)
        self.by_route = Histogram(
            "http_request_duration_seconds",
            "",
            ["method", route],
            buckets=(0.1, 0.5, 1) if self._is_fine else (0.005, 0.01, 0.1, 0.5, 1, 2.5),
            registry=registry,
        )
        if self._is_fine:
            self.fine = Histogram(
                "http_request_duration_highr_seconds",
                "",
                buckets=(0.01, 0.025, 0.05, 0.1, 0.5, 1, 1.5, 2, 60),
                registry=registry,
            )

    def _expose(self, asked: Asked) -> Reply:
        self.serve(at="/metrics")
        return Reply(200, generate_latest(self.registry).decode())


class Prometheus(Closing):
    """Scrapes the replicas of slots, with the labels that a ServiceMonitor gives them."""

    def __init__(
        self, folder: Path, slots: dict[str, list[Replica]], rules: Path | None = None
    ) -> None:
        assert PROMETHEUS is not None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config(slots, rules)))
        self._process = subprocess.Popen(
            [
                PROMETHEUS,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=error",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + DEADLINE
        while not self._ready():
            assert time.monotonic() < deadline, "Prometheus does not become ready"
            time.sleep(0.1)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(DEADLINE)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def _config(self, slots: dict[str, list[Replica]], rules: Path | None) -> dict[str, object]:
        targets = [
            {
                "targets": [f"127.0.0.1:{replica.web.port}"],
                "labels": {"app": "todo", "env": "staging", "slot": slot, "pod": f"{slot}-{index}"},
            }
            for slot, replicas in slots.items()
            for index, replica in enumerate(replicas)
        ]
        return {
            "global": {
                "scrape_interval": SCRAPED_EVERY,
                "scrape_timeout": SCRAPED_EVERY,
                "evaluation_interval": EVALUATED_EVERY,
            },
            "scrape_configs": [{"job_name": "backend", "static_configs": targets}],
            "rule_files": [str(rules)] if rules else [],
        }
