"""An installation to deploy the tiny application in: real builds, an engine that is a double."""

import itertools
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from automation import deployment
from automation.commands.rollback import aim
from automation.context import Context
from automation.declare import learn
from automation.events import EventLog, Events
from automation.home import Home
from automation.redaction import Redactor
from automation.reports.base import Outcome
from automation.reports.facts import Facts
from automation.reservation import Reservations
from automation.settings import StackFile
from components.contract.desired import DesiredState
from components.contract.settings import Settings
from tests.doubles.clock import FakeClock
from tests.doubles.deployed import FakeEngine
from tests.doubles.listener import Heard

TINY = Path(__file__).parents[1] / "fixtures" / "apps" / "tiny"
FRONTEND = """
frontend:
  path: web
  kind: static
  output: .
"""
QUICK: dict[str, Any] = {
    "backend_replicas": 1,
    "health_successes": 1,
    "health_timeout_seconds": 1,
    "performance_requests": 2,
}


class SharedArtifacts(Home):
    """A home whose artifacts are elsewhere: what one test has built, the others need not."""

    def __init__(self, root: Path, artifacts: Path) -> None:
        super().__init__(root)
        object.__setattr__(self, "_artifacts", artifacts)

    @property
    def artifacts(self) -> Path:
        return self._artifacts  # type: ignore[attr-defined, no-any-return]


@dataclass
class Installation:
    """One home, one application and one engine, for as many deployments as a test likes."""

    home: Home
    application: Path
    engine: FakeEngine
    settings: dict[str, Any] = field(default_factory=dict)
    redactor: Redactor = field(default_factory=Redactor)
    deployments: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def open(self, heard: Heard | None = None, action: str = "deploy") -> Context:
        """What `session.open_environment` returns, with this engine."""
        name = f"d-{next(self.deployments)}"
        facts = Facts(
            deployment=name,
            environment="development",
            deployer="ada",
            started_at=datetime.now(UTC),
        )
        context = Context(
            environment="development",
            settings=Settings(**{**QUICK, **self.settings}),
            home=self.home,
            engine=self.engine,  # type: ignore[arg-type]
            events=Events([heard or Heard()]),
            facts=facts,
            redactor=self.redactor,
            deployment=name,
            deployer="ada",
            action=action,
            application=self.application,
            reservations=Reservations(
                self.home.root / "ports", self.home.environment("development")
            ),
            clock=FakeClock(),
        )
        context.folder.mkdir(parents=True)
        context.events.listeners.append(
            EventLog(context.folder / "events.jsonl", self.redactor.text)
        )
        self.engine.shield = context.interruption.shield
        learn(context)
        context.live = DesiredState.model_validate(context.outputs.get("state") or {})
        context.declared = context.live
        return context

    def deploy(self, context: Context) -> Outcome:
        file = StackFile(settings=context.settings, variables={}, given=frozenset())
        return deployment.deploy(context, file)

    def roll_back(self, context: Context) -> Outcome:
        return deployment.roll_back(context, lambda: aim(context, None))

    def change(self, text: str = "changed") -> None:
        """Change the frontend's sources, so that there is something to deploy."""
        (self.application / "web" / "index.html").write_text(f"<h1>{text}</h1>")


def tiny(folder: Path) -> Path:
    """A copy of the tiny application, with a page as its frontend."""
    application = folder / "tiny"
    shutil.copytree(TINY, application, ignore=shutil.ignore_patterns("__pycache__"))
    document = application / "specs" / "deployment" / "tiny.md"
    document.write_text(document.read_text().replace("\nsmoke:", f"{FRONTEND}\nsmoke:"))
    (application / "web").mkdir()
    (application / "web" / "index.html").write_text("<h1>hello</h1>")
    return application
