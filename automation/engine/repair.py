"""Mend the state that a killed engine has left, so that nobody has to by hand."""

import json

from automation.engine import checkpoint, lock, process
from automation.engine.environment import EngineEnvironment
from automation.engine.update import said
from automation.errors import EngineFailed
from automation.home import PROJECT

MISSING = "no stack named"


def repair(environment: EngineEnvironment) -> list[str]:
    """Remove the engine's stale lock, mend a file that is cut short, forget half-done operations.

    Return what was done, a line each. What an operation had come to is asked by the refresh of the
    next update; a creation that was begun is begun again, which every provider here allows: each
    adopts or replaces what it finds. Raise EngineFailed where the engine does not take the state.
    """
    backend, stack = environment.backend, environment.stack
    done = []
    if backend is not None:
        if lock.remove_stale(backend, stack):
            done.append("removed the engine's lock, which a killed update had left")
        if (mended := checkpoint.mend(backend, stack)) is not None:
            done.append(mended)
        if not checkpoint.pending(backend, stack):
            return done
    forgotten = _forget_pending(environment)
    if forgotten:
        names = ", ".join(sorted({urn.rsplit("::", 1)[-1] for urn in forgotten}))
        done.append(f"an update was killed while it changed {names}: looking at them again")
    return done


def _forget_pending(environment: EngineEnvironment) -> list[str]:
    exported = _ask(environment, "export")
    if exported is None:
        return []
    state = json.loads(exported)
    operations = (state.get("deployment") or {}).pop("pending_operations", None) or []
    if operations:
        _ask(environment, "import", json.dumps(state))
    return [str(each["resource"]["urn"]) for each in operations]


def _ask(environment: EngineEnvironment, verb: str, text: str = "") -> str | None:
    command = [environment.command, "--non-interactive", "stack", verb]
    command += ["--stack", environment.stack]
    done = process.run(command, cwd=str(PROJECT), env=environment.variables(), text=text)
    if done.code == 0:
        return done.stdout
    if MISSING in done.stderr:
        return None
    raise EngineFailed(
        f"the engine's state cannot be mended ({verb})", details=(said(done.stderr),)
    )
