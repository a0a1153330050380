"""The brisk application: a page and a backend that bear load, to roll out again and again."""

import itertools
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.driver import Ran, installation
from tests.integration.tiny import IMPATIENT, Tiny, checkout
from tests.load.load import Load, load

PRISTINE = Path(__file__).parents[1] / "fixtures" / "apps" / "brisk"
PATHS = ("/api/greeting", "/")


@dataclass
class Brisk(Tiny):
    """An installation of the application, whose every change is a new release."""

    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def change(self, condition: str = "well") -> None:
        """Change both services, so that there is something to deploy, and how the backend fares."""
        number = next(self.numbers)
        text = (PRISTINE / "server.py").read_text()
        text = text.replace('CONDITION = "well"', f'CONDITION = "{condition}"')
        (self.application / "server.py").write_text(f"{text}\nNUMBER = {number}\n")
        (self.application / "web" / "index.html").write_text(f"<h1>hello {number}</h1>\n")

    def deploy(self, strategy: str, condition: str = "well", **settings: str | list[int]) -> Ran:
        """Deploy a new release with a strategy, to whatever end."""
        own = {"strategy": strategy}
        if condition == "sick":
            own["healthTimeoutSeconds"] = IMPATIENT
        self.settings(**{**MODEST, **own, **settings})
        self.change(condition)
        return self("up", "development")

    @contextmanager
    def under_load(self, rate: int) -> Iterator[Load]:
        """Send requests to page and backend meanwhile."""
        found = self.status()
        with load(found["url"], found["ca_certificate"], PATHS, rate=rate) as steady:
            yield steady

    def report(self) -> dict[str, Any]:
        """Return the report of the latest deployment."""
        read: dict[str, Any] = json.loads((self.deployments()[-1] / "report.json").read_text())
        found: dict[str, Any] = read["deployment_report"]
        return found


MODEST: dict[str, str | list[int]] = {
    "backendReplicas": "2",
    "frontendReplicas": "2",
    "canarySteps": [10, 50],
    "canaryHoldSeconds": "2",
    "gateRequests": "50",
}


@contextmanager
def brisk() -> Iterator[Brisk]:
    """Give an installation with one release live."""
    with installation() as slipway:
        slipway.checkout = checkout(slipway.folder / "checkout")
        application = slipway.folder / "brisk"
        shutil.copytree(PRISTINE, application, ignore=shutil.ignore_patterns("__pycache__"))
        made = Brisk(slipway, application)
        made.deploy("blue_green").ok()
        try:
            yield made
        finally:
            made.settings()
