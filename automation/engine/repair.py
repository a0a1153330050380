"""Mend the state that a killed engine has left, so that nobody has to by hand."""

from automation.engine import checkpoint, deployed, lock
from automation.engine.environment import EngineEnvironment


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
    state = deployed.exported(environment) or {}
    operations = (state.get("deployment") or {}).pop("pending_operations", None) or []
    if operations:
        deployed.imported(environment, state)
    return [str(each["resource"]["urn"]) for each in operations]
