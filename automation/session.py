"""Open an environment: settings, tools, engine, and what is live."""

import contextlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

from automation import leftovers, settings
from automation.context import Context
from automation.declare import learn
from automation.engine import desired_file
from automation.engine.care import Care
from automation.engine.engine import Engine
from automation.engine.environment import EngineEnvironment, prepare
from automation.errors import EngineFailed
from automation.events import EventLog, Events, Listener
from automation.hold import Hold
from automation.holder import owner
from automation.home import PROJECT, Home
from automation.interruption import Interruption
from automation.redaction import Redactor
from automation.reports.base import Environment
from automation.reports.facts import Facts
from automation.reports.timeline import Timeline
from automation.reservation import Reservations
from automation.settings import StackFile
from automation.toolchain import cache
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
    hold: Hold | None = None,
    prepared: EngineEnvironment | None = None,
    allowed: Iterable[str] = (),
    refresh: bool = True,
) -> tuple[Context, StackFile]:
    """Return the context of one command, with what is live read from the stack's outputs.

    Where `recorded`, events go to the deployment's folder as well. With the `hold` of `lock.held`
    what was left is ended and mended first. `allowed` and `refresh` are those of `Care`.
    """
    file = settings.load(environment)
    home, interruption = Home.locate(), Interruption(listener.note)
    care = Care(file.settings, partial(listener.progress, "tools"), frozenset(allowed), refresh)
    facts = _begun(environment, action)
    context = Context(
        environment,
        file.settings,
        home,
        engine=Engine(prepared or prepare(environment, listener), interruption.shield, care),
        interruption=interruption,
        events=Events([listener, Timeline(facts)]),
        facts=facts,
        redactor=redactor,
        deployment=facts.deployment,
        deployer=facts.deployer,
        action=action,
        application=(application or PROJECT / file.settings.application).resolve(),
        started=facts.started_at,
        reservations=Reservations(cache.root() / "ports", home.environment(environment)),
        hold=hold,
    )
    return _begun_with(context, recorded=recorded), file


def _begun_with(context: Context, *, recorded: bool) -> Context:
    if recorded:
        _record(context)
    if context.hold is not None:
        if context.engine.care.remote:
            with contextlib.suppress(EngineFailed):  # mended below, then looked at again
                learn(context)
        _tidy(context)
    _look(context)
    if recorded and context.hold is not None:
        context.engine.equip()  # not after the build only: who has no plugin waits for nothing
    return context


def _record(context: Context) -> None:
    context.folder.mkdir(parents=True, exist_ok=True)
    log = EventLog(context.folder / "events.jsonl", context.redactor.text)
    context.events.listeners.append(log)


def _tidy(context: Context) -> None:
    """End and mend what was left, so that what is read next is what holds."""
    folder = context.home.environment(context.environment)
    leftovers.end(folder, context.events.note)
    for what in context.engine.repair():
        context.events.note(what)
    desired_file.tidy(folder)


def _look(context: Context) -> None:
    learn(context)
    context.live = DesiredState.model_validate(context.outputs.get(outputs.STATE) or {})
    context.declared = context.live


def _begun(environment: str, action: str) -> Facts:
    now = datetime.now(UTC)
    return Facts(
        deployment=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        environment=cast(Environment, environment),  # checked when its settings were loaded
        action="rollback" if action == "rollback" else "deploy",
        deployer=owner(),
        started_at=now,
    )
