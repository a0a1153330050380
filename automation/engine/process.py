"""Run the engine's program in a session of its own, shielded from the terminal's Ctrl-C.

A Ctrl-C reaches every process of a terminal at once. The driver decides what it means; an engine
that stopped by itself in the middle of a change would leave that change half done.
"""

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

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

    `text` is the standard input: the way for a secret, which no command line may hold.
    """
    with subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env={**os.environ, **env, "PULUMI_AUTOMATION_API": "true"},
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        stdout = _collect(process.stdout, on_output)
        stderr = _collect(process.stderr, on_error)
        _give(process.stdin, text)
        texts = ["\n".join(collected()) for collected in (stdout, stderr)]
        code = process.wait()
    return Printed(stdout=texts[0], stderr=texts[1], code=code)


def _give(stream: IO[str] | None, text: str) -> None:
    if stream is not None:
        with contextlib.suppress(BrokenPipeError), stream:
            stream.write(text)


def _collect(stream: IO[str] | None, callback: Line | None) -> Callable[[], list[str]]:
    lines: list[str] = []

    def read() -> None:
        # An interrupt closes the stream under the reader: nobody wants the rest any more.
        with contextlib.suppress(ValueError):
            for line in stream or ():
                heard(line.rstrip())

    def heard(line: str) -> None:
        lines.append(line)
        if callback is not None:
            callback(line)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()

    def collected() -> list[str]:
        thread.join()
        return lines

    return collected
