"""Processes that a supervisor keeps alive."""

import json
import os
import shlex
import xmlrpc.client
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypedDict

import pulumi
from pulumi import dynamic

from components.dynamic import files, supervision

LOG_BYTES = "10MB"
LOG_BACKUPS = 3
START_SECONDS = 2
"""A process that ends sooner has not started; a start is told apart from a crash by this."""
START_RETRIES = 100
"""Each retry waits a second longer than the one before, so this is well over an hour."""
TAIL_LINES = 15


class Program(TypedDict, total=False):
    """One process: `command` is argv, `environment` may hold secrets, times are in seconds."""

    command: list[str]
    directory: str
    environment: dict[str, str]
    unprivileged: bool
    stop_signal: str
    stop_seconds: int


class ProcessesProvider(dynamic.ResourceProvider):
    """Starts, replaces and stops the programs of one group, each on its own."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Start every program and see it stay up; leave nothing behind where one does not."""
        run, programs = Path(props["run"]), _programs(props)
        _apply(run, {}, programs)
        return dynamic.CreateResult(f"{run}#{props['group']}", _outputs(props, programs))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """A program that was added, removed, changed or is seen not to run is a change."""
        moved = [key for key in ("run", "group") if old.get(key) != new[key]]
        changed = old.get("programs") != new["programs"] or old.get("stopped") not in (None, [])
        return dynamic.DiffResult(changes=changed or bool(moved), replaces=moved)

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Touch only the programs that differ; the others keep running."""
        before, after = _programs(old), _programs(new)
        for name in old.get("stopped") or []:
            before.pop(name, None)
        _apply(Path(new["run"]), before, after)
        return dynamic.UpdateResult(_outputs(new, after))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See what runs: a group of which nothing runs is gone."""
        states = supervision.process_states(Path(props["run"]))
        names = list(_programs(props))
        stopped = [name for name in names if states.get(name) not in ("RUNNING", "STARTING")]
        if names and len(stopped) == len(names):
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, {**props, "stopped": stopped})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Stop the programs and wait until they have ended."""
        _remove(Path(props["run"]), _programs(props))


def _programs(props: dict[str, Any]) -> dict[str, Program]:
    # One secret string rather than a tree of values: nothing in it can be shown by accident.
    programs: dict[str, Program] = json.loads(props.get("programs") or "{}")
    return programs


def _outputs(props: dict[str, Any], programs: dict[str, Program]) -> dict[str, Any]:
    return {**props, "names": sorted(programs), "stopped": []}


def _apply(run: Path, before: dict[str, Program], after: dict[str, Program]) -> None:
    gone = [name for name in before if name not in after]
    changed = [name for name, program in after.items() if before.get(name) != program]
    _remove(run, [*gone, *changed])
    try:
        for name in changed:
            _add(run, name, after[name])
        for name in changed:
            _see_it_up(run, name)
    except BaseException:
        _remove(run, changed)
        raise


def _add(run: Path, name: str, program: Program) -> None:
    script, section = run / "programs" / f"{name}.sh", run / "programs" / f"{name}.conf"
    files.write(script, _script(program), mode=0o700)
    files.write(section, _section(run, name, program), mode=0o600)
    supervisor = supervision.connect(run)
    supervisor.reloadConfig()
    supervisor.addProcessGroup(name)


def _script(program: Program) -> str:
    # The one place where secrets are on disk in the clear, for the owner only: a process that
    # is started again while no driver runs needs its environment from somewhere.
    exports = [
        f"export {key}={shlex.quote(value)}"
        for key, value in sorted(program.get("environment", {}).items())
    ]
    command = list(program["command"])
    if program.get("unprivileged"):
        command = [*unprivileged(), *command]
    return "\n".join(["#!/bin/sh", "umask 077", *exports, f"exec {shlex.join(command)}", ""])


def unprivileged() -> list[str]:
    """Return the command prefix for programs that refuse to run as root, empty for other users.

    The user is nobody, the right to pass every folder is kept: the checkout may well be in a
    folder that only root may enter.
    """
    if os.geteuid() != 0:
        return []
    capability = "dac_override"
    return [
        *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
        *(f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"),
    ]


NOBODY = 65534


def _section(run: Path, name: str, program: Program) -> str:
    return f"""\
[program:{name}]
command=/bin/sh {_escaped(run / "programs" / f"{name}.sh")}
directory={_escaped(program.get("directory", run))}
autostart=true
autorestart=true
startsecs={START_SECONDS}
startretries={START_RETRIES}
stopsignal={program.get("stop_signal", "TERM")}
stopwaitsecs={program.get("stop_seconds", 20)}
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile={_escaped(log_path(run, name))}
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups={LOG_BACKUPS}
"""


def _escaped(path: object) -> str:
    # supervisor expands %(...)s in its configuration
    return str(path).replace("%", "%%")


def log_path(run: Path, name: str) -> Path:
    """Return where the output of a program goes."""
    return run / "logs" / f"{name}.log"


def _see_it_up(run: Path, name: str) -> None:
    seen: list[str] = []

    def decided() -> bool:
        state = supervision.process_states(run).get(name, "GONE")
        if not seen or seen[-1] != state:
            seen.append(state)
        return state in ("RUNNING", "FATAL", "EXITED", "GONE") or seen.count("BACKOFF") >= 2

    supervision.settle(decided, f"{name} stays up for {START_SECONDS} s")
    if seen[-1] != "RUNNING":
        path = log_path(run, name)
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        tail = "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])
        raise RuntimeError(f"{name} started and died; the end of {path}:\n{tail}")


def _remove(run: Path, names: Iterable[str]) -> None:
    names = list(names)
    states = supervision.process_states(run)
    supervisor = supervision.connect(run)
    known = [name for name in names if name in states]
    for name in known:
        try:
            supervisor.stopProcess(name, False)
        except xmlrpc.client.Fault:
            pass  # not running: that is what is wanted
    for name in known:
        _await_end(run, name)
        supervisor.removeProcessGroup(name)
    for name in names:
        for suffix in ("sh", "conf"):
            (run / "programs" / f"{name}.{suffix}").unlink(missing_ok=True)


def _await_end(run: Path, name: str) -> None:
    ended = ("STOPPED", "EXITED", "FATAL", "UNKNOWN")
    # supervisor itself kills after stop_seconds, so this only bounds a supervisor that hangs
    supervision.settle(
        lambda: supervision.process_states(run).get(name, "STOPPED") in ended, f"{name} ends", 660
    )


class Processes(dynamic.Resource, module="local", name="Processes"):
    """A group of supervised programs. The definition is secret as a whole."""

    names: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        run: pulumi.Input[str],
        programs: pulumi.Input[dict[str, Program]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the programs by name; names are unique within the run folder."""
        definition = pulumi.Output.secret(
            pulumi.Output.from_input(programs).apply(
                lambda value: json.dumps(value, sort_keys=True)
            )
        )
        inputs = {
            "run": run,
            "group": name,
            "programs": definition,
            "names": None,
            "stopped": None,
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=["programs"])
        super().__init__(
            ProcessesProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, secret)
        )
