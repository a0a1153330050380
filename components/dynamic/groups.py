"""Start and stop the programs of a group under a supervisor that runs."""

import contextlib
import xmlrpc.client
from collections.abc import Iterable, Mapping
from pathlib import Path

from components.dynamic import programs, supervision
from components.dynamic.hiding import hidden
from components.dynamic.programs import START_SECONDS, Program

ALIVE = ("STARTING", "RUNNING", "BACKOFF")
ENDED = ("STOPPED", "EXITED", "FATAL", "UNKNOWN")
DEATHS = 2
"""Starts in a row that fail before a program counts as one that does not start."""
STOP_PATIENCE_SECONDS = 660.0
"""The supervisor kills by itself after `stop_seconds`, so this only bounds one that hangs."""


def apply(
    run: Path, group: str, before: Mapping[str, Program], after: Mapping[str, Program]
) -> None:
    """Make the group's programs those of `after`, touching only the ones that differ.

    `before` holds the programs that are known to run. Programs of the group that nobody knows of,
    left by an attempt that was interrupted, are stopped. Raise RuntimeError where a program
    dies or no supervisor answers; then no program that should have started is left.
    """
    present = programs.present(run, group)
    gone = [name for name in {**before, **present} if name not in after]
    changed = [
        name
        for name, program in after.items()
        if before.get(name) != program or present.get(name) != programs.fingerprint(program)
    ]
    if changed:
        supervision.require(run)
    remove(run, [*gone, *changed])
    try:
        for name in changed:
            _add(run, group, name, after[name])
        for name in changed:
            _see_it_up(run, name, after[name])
    except BaseException:
        remove(run, changed)
        raise


def remove(run: Path, names: Iterable[str]) -> None:
    """Stop programs, wait until they and their children have ended, and forget them."""
    names = list(names)
    if not names:
        return
    states = supervision.process_states(run)
    for name in names:
        if states.get(name) in ALIVE:
            _stop(run, name)
    for name in names:
        if name in states:
            supervision.settle(
                lambda name=name: _forgotten(run, name),  # type: ignore[misc]
                f"{name} ends",
                STOP_PATIENCE_SECONDS,
            )
    # children that outlived their parent, or all of them where the supervisor was killed
    supervision.kill_marked(run, names)
    with supervision.exclusive(run):
        for name in names:
            programs.remove(run, name)


def _add(run: Path, group: str, name: str, program: Program) -> None:
    supervisor = supervision.connect(run)
    # The supervisor reads every section at once: nobody else may change one meanwhile.
    with supervision.exclusive(run):
        programs.write(run, group, name, program)
        supervisor.reloadConfig()
        supervisor.addProcessGroup(name)


def _see_it_up(run: Path, name: str, program: Program) -> None:
    failed: set[int] = set()
    last = "GONE"

    def decided() -> bool:
        nonlocal last
        info = supervision.process_infos(run).get(name)
        last = info["statename"] if info else "GONE"
        if info and last == "BACKOFF":
            failed.add(info["start"])
        return last in ("RUNNING", "GONE", *ENDED) or len(failed) >= DEATHS

    supervision.settle(decided, f"{name} stays up for {START_SECONDS} s")
    if last == "RUNNING":
        return
    supervision.require(run)
    path = programs.log_path(run, name)
    tail = hidden(programs.log_tail(run, name), program.get("environment", {}))
    raise RuntimeError(f"{name} started and died; the end of {path}:\n{tail}")


def _stop(run: Path, name: str) -> None:
    # not running, or shutting down: that is what is wanted
    with contextlib.suppress(xmlrpc.client.Fault):
        supervision.connect(run).stopProcess(name, False)


def _forgotten(run: Path, name: str) -> bool:
    state = supervision.process_states(run).get(name)
    if state in ALIVE:  # one that had just ended by itself was started again
        _stop(run, name)
    if state in ENDED:
        with contextlib.suppress(xmlrpc.client.Fault):
            supervision.connect(run).removeProcessGroup(name)
    return state is None
