"""Run the engine's program in a session of its own, shielded from the terminal's Ctrl-C.

A Ctrl-C reaches every process of a terminal at once. The driver decides what it means; an engine
that stopped by itself in the middle of a change would leave that change half done. Its output goes
to files, not to pipes: without a reader it would be killed by its next line, and an engine is to
finish its update when its driver is killed.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from automation import sessions

Line = Callable[[str], Any]


@dataclass(frozen=True)
class Printed:
    """What the engine printed, and its exit code."""

    stdout: str
    stderr: str
    code: int


def run(
    command: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    on_output: Line | None = None,
    on_error: Line | None = None,
    text: str = "",
) -> Printed:
    """Run to the end. `env` is added to this process's environment.

    `text` is the standard input: the way for a secret, which no command line may hold. Lines are
    told at the end. What the engine had started and did not end is ended then.
    """
    with (
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
        subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            env={**os.environ, **env, "PULUMI_AUTOMATION_API": "true"},
            start_new_session=True,
        ) as process,
        sessions.under_way(process.pid, signal.SIGINT),
    ):
        code = _ended(process, text)
        printed = Printed(_read(stdout), _read(stderr), code)
    for lines, callback in ((printed.stdout, on_output), (printed.stderr, on_error)):
        for line in lines.splitlines() if callback is not None else ():
            assert callback is not None
            callback(line)
    return printed


def _ended(process: "subprocess.Popen[bytes]", text: str) -> int:
    try:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(text.encode())
        code = process.wait()
    except BaseException:
        # Only what changes nothing is interrupted here; its answer is of no use any more.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        raise
    # One that was killed leaves its plugins, one that ended its language host for a moment: the
    # next command would take that for what a killed driver left.
    sessions.end(sessions.members(process.pid))
    return code


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    text = file.read().decode("utf-8", errors="replace")
    return "\n".join(line.rstrip() for line in text.splitlines())
