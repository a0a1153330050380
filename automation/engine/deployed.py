"""The engine's state of a stack as a document, on any backend: taken out, and put back."""

import json
from dataclasses import dataclass
from typing import Any

from automation.engine import lock, process
from automation.engine.environment import EngineEnvironment
from automation.engine.update import said
from automation.errors import Busy, EngineFailed
from automation.home import PROJECT
from components.contract.stateful import guarded_by

MISSING = "no stack named"


@dataclass(frozen=True)
class Resource:
    """A resource of the state. One that is `retained` stays where it is when it is deleted here.

    One with a `guard` is not deleted by its cloud until that setting is false. `within` is the URN
    of what it goes with, or empty.
    """

    urn: str
    id: str
    protected: bool
    retained: bool
    guard: str
    within: str

    @property
    def name(self) -> str:
        """Return its name."""
        return self.urn.split("::")[-1]

    @property
    def type(self) -> str:
        """Return the engine's token of its type."""
        return self.urn.split("::")[-2].split("$")[-1]


def exported(environment: EngineEnvironment) -> dict[str, Any] | None:
    """Return the state; None where there is no stack. Secrets stay encrypted."""
    text = asked(environment, "stack", "export")
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found


def imported(environment: EngineEnvironment, state: dict[str, Any]) -> None:
    """Put a state back."""
    asked(environment, "stack", "import", text=json.dumps(state))


def resources(environment: EngineEnvironment) -> list[Resource]:
    """Return the resources of the state."""
    state = exported(environment) or {}
    return [
        Resource(
            urn=str(each["urn"]),
            id=str(each.get("id") or ""),
            protected=bool(each.get("protect")),
            retained=bool(each.get("retainOnDelete")),
            guard=guarded_by(each.get("type") or "", each.get("outputs") or {}),
            within=str(each.get("deletedWith") or ""),
        )
        for each in (state.get("deployment") or {}).get("resources") or ()
    ]


def unprotect(environment: EngineEnvironment, urns: list[str]) -> None:
    """Let resources be replaced and deleted. An update whose program protects them ends that."""
    if urns:
        asked(environment, "state", "unprotect", *urns, "--yes")


def asked(environment: EngineEnvironment, *arguments: str, text: str = "") -> str | None:
    """Run a command on the stack; None where there is no stack. Raise EngineFailed otherwise."""
    command = [environment.command, "--non-interactive", *arguments]
    command += ["--stack", environment.stack]
    done = process.run(command, cwd=str(PROJECT), env=environment.variables(), text=text)
    if lock.LOCKED in done.stderr and lock.released(environment, done.stderr):
        done = process.run(command, cwd=str(PROJECT), env=environment.variables(), text=text)
    if done.code == 0:
        return done.stdout
    if MISSING in done.stderr:
        return None
    if lock.LOCKED in done.stderr:
        raise locked(done.stderr)
    raise EngineFailed(
        f"the engine did not succeed ({' '.join(arguments[:2])})", details=(said(done.stderr),)
    )


def locked(text: str) -> Busy:
    """Return the error for a state that another update has locked, with who holds it."""
    return Busy(
        "the engine's state is locked by another update",
        hint="Wait for it to end. If its host is gone: the runbook says what to do.",
        details=tuple(lock.holders(text)),
    )
