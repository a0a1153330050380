"""Mend the state that a killed engine has left, so that nobody has to by hand."""

from automation.engine import checkpoint, deployed, lock
from automation.engine.environment import EngineEnvironment


def repair(environment: EngineEnvironment) -> list[str]:
    """Remove the engine's stale lock, mend a file that is cut short, forget half-done operations.

    Return what was done, a line each. What an operation had come to is asked by the refresh of the
    next update; a creation that was begun is begun again. Our own providers adopt or replace what
    they find then; of others it is said, for a person to look. Raise EngineFailed where the engine
    does not take the state.
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
        names = ", ".join(sorted({_name(urn) for urn, _ in forgotten}))
        done.append(f"an update was killed while it changed {names}: looking at them again")
    for urn in sorted(urn for urn, verb in forgotten if verb == "creating" and _elsewhere(urn)):
        done.append(
            f"{_name(urn)} ({_token(urn)}) was being made: if its cloud has it, it is unknown here "
            "and made once more; see the runbook, A provider refuses"
        )
    return done


def _forget_pending(environment: EngineEnvironment) -> list[tuple[str, str]]:
    """Return the URN of each operation that was under way, and its verb."""
    state = deployed.exported(environment) or {}
    operations = (state.get("deployment") or {}).pop("pending_operations", None) or []
    if operations:
        deployed.imported(environment, state)
    return [(str(each["resource"]["urn"]), str(each["type"])) for each in operations]


def _name(urn: str) -> str:
    return urn.split("::")[-1]


def _token(urn: str) -> str:
    return urn.split("::")[-2].split("$")[-1]


def _elsewhere(urn: str) -> bool:
    """Tell whether a provider that is not ours makes it: ours adopt what they find."""
    return not _token(urn).startswith("pulumi-python:dynamic")
