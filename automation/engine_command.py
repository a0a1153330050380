"""The engine's command line, shielded from the terminal's Ctrl-C."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

Line = Callable[[str], Any]


class ShieldedCommand(PulumiCommand):
    """Run the engine in a session of its own.

    A Ctrl-C reaches every process of a terminal at once. The driver decides what it means; an
    engine that stopped by itself in the middle of a change would leave that change half done.
    """

    def __init__(self, command: str, version: VersionInfo | None = None) -> None:
        # The version was checked when the tool was found; asking again costs a process.
        self.command = command
        self.version = version or VersionInfo(3, 259, 0)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Line | None = None,
        on_error: Line | None = None,
        *,
        text: str = "",
    ) -> CommandResult:
        """Run the command and return what it printed. Raise CommandError where it failed.

        `text` is its standard input: the way for a secret, which no command line may hold.
        """
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        with subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
            cwd=cwd,
            env=environment,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            _give(process.stdin, text)
            stdout, stderr = _collect(process.stdout, on_output), _collect(process.stderr, on_error)
            texts = ["\n".join(collected()) for collected in (stdout, stderr)]
            code = process.wait()
        result = CommandResult(stdout=texts[0], stderr=texts[1], code=code)
        if code != 0:
            raise create_command_error(result)
        return result


def _give(stream: IO[str] | None, text: str) -> None:
    if stream is not None:
        with contextlib.suppress(BrokenPipeError), stream:
            stream.write(text)


def _collect(stream: IO[str] | None, callback: Line | None) -> Callable[[], list[str]]:
    lines: list[str] = []

    def read() -> None:
        for line in stream or ():
            lines.append(line.rstrip())
            if callback is not None:
                callback(lines[-1])

    thread = threading.Thread(target=read, daemon=True)
    thread.start()

    def collected() -> list[str]:
        thread.join()
        return lines

    return collected
