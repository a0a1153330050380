"""Open an environment: settings, tools, engine, and what is live."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from automation import settings
from automation.context import Context
from automation.declare import learn
from automation.engine import Engine
from automation.engine_environment import EngineEnvironment, prepare
from automation.events import EventLog, Events, Listener
from automation.home import PROJECT, Home
from automation.interruption import Interruption
from automation.lock import owner
from automation.redaction import Redactor
from automation.reports.base import Environment
from automation.reports.facts import Facts
from automation.settings import StackFile
from components.contract import outputs
from components.contract.desired import DesiredState


def open_environment(
    environment: str,
    listener: Listener,
    redactor: Redactor,
    *,
    application: Path | None = None,
    action: str = "deploy",
    recorded: bool = True,
    prepared: EngineEnvironment | None = None,
) -> tuple[Context, StackFile]:
    """Return the context of one command, with what is live read from the stack's outputs.

    Where `recorded`, events are written to the folder of the deployment as well.
    """
    file = settings.load(environment)
    name = cast(Environment, environment)  # it was checked when its settings were loaded
    home = Home.locate()
    now = datetime.now(UTC)
    deployment = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    listeners: list[Listener] = [listener]
    if recorded:
        folder = home.deployment(environment, deployment)
        folder.mkdir(parents=True, exist_ok=True)
        listeners.append(EventLog(folder / "events.jsonl", redactor.text))
    deployer = owner()
    interruption = Interruption(listener.note)
    context = Context(
        environment=environment,
        settings=file.settings,
        home=home,
        engine=Engine(prepared or prepare(environment, listener), interruption.shield),
        interruption=interruption,
        events=Events(listeners),
        facts=Facts(deployment=deployment, environment=name, deployer=deployer, started_at=now),
        redactor=redactor,
        deployment=deployment,
        deployer=deployer,
        action=action,
        application=(application or PROJECT / file.settings.application).resolve(),
        started=now,
    )
    learn(context)
    context.live = DesiredState.model_validate(context.outputs.get(outputs.STATE) or {})
    context.declared = context.live
    return context, file
