"""The shop, deployed to clouds: a checkout whose files of `staging` and `production` name a world.

The files are those of the project, but for what is an example in them, and for what a test has no
time for.
"""

import contextlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from automation.home import PROJECT
from tests.doubles.world.world import World, world
from tests.integration.driver import Ran, Slipway, installation
from tests.integration.neon import fake
from tests.integration.tiny import checkout, plain

PRISTINE = Path(__file__).parents[1] / "fixtures" / "apps" / "shop"
QUICK = {
    "backendReplicas": "1",
    "healthSuccesses": "1",
    "healthTimeoutSeconds": "60",
    "performanceRequests": "10",
    "canarySteps": [50],
    "canaryHoldSeconds": "1",
    "cloudwatchDelaySeconds": "0",
    "gateRequests": "20",
    "gateSyntheticRequests": "200",
}
PATIENCE_SECONDS = 3600
"""A busy machine takes that long for what takes minutes on an idle one."""
VISITS_EVERY_SECONDS = 0.2
PUBLIC = {"staging": "staging.example.com", "production": "app.example.com"}


@dataclass
class Shop:
    """An installation, the application that it deploys, and the world that it is deployed to."""

    slipway: Slipway
    application: Path
    world: World
    environment: str
    foreseen: str = ""
    """What a preview said before anything was deployed."""

    def __call__(self, *arguments: str | Path) -> Ran:
        """Run a command to its end, and see that it shows nobody a traceback."""
        return plain(self.slipway(*arguments, timeout=PATIENCE_SECONDS))

    def up(self, *arguments: str) -> Ran:
        """Deploy."""
        return self("up", self.environment, *arguments)

    def settings(self, **values: str | list[int]) -> None:
        """Write the environment's file: the project's own, changed for a world on this machine."""
        name = f"Pulumi.{self.environment}.yaml"
        config = yaml.safe_load((PROJECT / name).read_text())["config"]
        own = {
            "application": str(self.application),
            "backendImageRepository": f"{self.world.registry.host}/shop-api",
            "backendBaseImage": f"{self.world.registry.host}/python:3",
            **({"prometheusUrl": self.world.prometheus} if self.environment == "staging" else {}),
            **QUICK,
            **values,
        }
        config |= {f"slipway:{key}": value for key, value in own.items()}
        (self.slipway.checkout / name).write_text(yaml.safe_dump({"config": config}))

    def change(self, condition: str = "well", greeting: str = "hello") -> None:
        """Change both services, so that there is something to deploy."""
        text = (PRISTINE / "server.py").read_text()
        text = text.replace('CONDITION = "well"', f'CONDITION = "{condition}"')
        text = text.replace('GREETING = "hello"', f'GREETING = "{greeting}"')
        (self.application / "server.py").write_text(text)
        page = (PRISTINE / "web" / "index.html").read_text().replace("hello", greeting)
        (self.application / "web" / "index.html").write_text(page)

    def revise(self) -> None:
        """Add a revision that old releases can live with."""
        (self.application / "alembic" / "versions" / "0002_notes.py").write_text(
            '"""Notes."""\nfrom alembic import op\nrevision, down_revision = "0002", "0001"\n'
            'def upgrade():\n    op.execute("ALTER TABLE orders ADD COLUMN note text")\n'
            'def downgrade():\n    op.execute("ALTER TABLE orders DROP COLUMN note")\n'
        )

    def leave_artifacts_behind(self) -> None:
        """Go on as on another machine, which has built nothing of what is deployed."""
        shutil.rmtree(self.slipway.home / "artifacts")

    @contextmanager
    def visitor(self) -> Iterator[httpx.Client]:
        """Give a browser without memory, at the public address."""
        variables = self.world.variables()
        with httpx.Client(
            base_url=f"https://{PUBLIC[self.environment]}",
            proxy=variables["HTTPS_PROXY"],
            verify=self.world.trusted(),
            timeout=30,
        ) as client:
            yield client

    @contextmanager
    def visited(self) -> Iterator[None]:
        """Let somebody ask for greetings at the public address all the time."""
        left = threading.Event()

        def visit() -> None:
            with self.visitor() as visitor:
                while not left.wait(VISITS_EVERY_SECONDS):
                    with contextlib.suppress(httpx.HTTPError):
                        visitor.get("/api/greeting")

        thread = threading.Thread(target=visit, daemon=True)
        thread.start()
        try:
            yield
        finally:
            left.set()
            thread.join()

    def greets(self, greeting: str) -> None:
        """See page and backend of a release at the public address."""
        with self.visitor() as visitor:
            assert f"<h1>{greeting}</h1>" in visitor.get("/").text
            answer = visitor.get("/api/greeting")
        assert answer.json() == {"greeting": greeting, "signed": True}, answer.text

    def status(self) -> dict[str, Any]:
        """Return what `slipway status` says, healthy or not."""
        return dict(self("status", self.environment, "--json").json)

    def live_slot(self) -> str:
        """Return the backend's slot that serves most traffic."""
        slots = self.slipway.outputs(self.environment)["state"]["backend"]
        return max(slots, key=lambda name: int(slots[name]["weight"]))

    def report(self) -> dict[str, Any]:
        """Return the report of the latest deployment."""
        folder = self.slipway.home / self.environment / "deployments"
        latest = max(folder.iterdir(), key=lambda path: path.name)
        read: dict[str, Any] = json.loads((latest / "report.json").read_text())
        return dict(read["deployment_report"])

    def is_clean(self) -> None:
        """See that the engine has nothing to do: what is there is what the program says."""
        self.slipway.pulumi(
            self.environment, "preview", "-s", self.environment, "--expect-no-changes"
        ).ok()


@contextmanager
def shop(environment: str) -> Iterator[Shop]:
    """Give a shop that is not deployed yet."""
    # What is deployed is destroyed while the world that holds it is still there.
    with (
        tempfile.TemporaryDirectory(prefix="world-", dir="/tmp") as folder,
        fake() as neon,
        world(Path(folder)) as made,
        installation() as slipway,
    ):
        made.registry.base()
        slipway.checkout = checkout(slipway.folder / "checkout")
        slipway.variables.update({**made.variables(), **neon})
        application = slipway.folder / "shop"
        shutil.copytree(PRISTINE, application, ignore=shutil.ignore_patterns("__pycache__"))
        found = Shop(slipway, application, made, environment)
        found.settings()
        yield found
