"""A preview that is begun before anybody knows of what.

To begin takes the engine and the program as long as the driver takes to read, to build and to ask.
So they begin at once, and declare what does not depend on the release; the driver gives them the
desired state when it has it.
"""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections import Counter
from typing import IO

from automation.engine.desired_file import DesiredFile
from automation.engine.environment import QUICK, EngineEnvironment
from automation.engine.update import QUIET, Update
from automation.home import PROJECT
from components.contract.desired import DesiredState
from components.contract.outputs import DESIRED_STATE_VARIABLE
from components.contract.platforms import elsewhere

PATIENCE_SECONDS = 5.0
"""For an engine that was told to end; one that asks a cloud may not hear it."""


class Foresight:
    """An engine at work on the preview of a state that is still to come."""

    def __init__(self, environment: EngineEnvironment, *, refresh: bool = True) -> None:
        """Foresee nothing yet. `refresh` tells whether clouds are asked first what is there."""
        self._environment, self._refresh = environment, refresh
        self._begun = False

    def begin(self) -> None:
        """Begin; anew where it has begun before there was a stack."""
        self.discard()
        environment = self._environment
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._state = DesiredFile(environment.folder)
        arguments = ["preview", "--json", "--non-interactive", "--stack", environment.stack]
        if self._refresh and elsewhere(environment.platform):
            arguments.append("--refresh")
        self._process = subprocess.Popen(
            [environment.command, *arguments],
            cwd=PROJECT,
            env={**os.environ, **environment.variables(), **self._variables()},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._begun = True

    def _variables(self) -> dict[str, str]:
        path = filter(None, (QUICK, os.environ.get("PYTHONPATH")))
        return {DESIRED_STATE_VARIABLE: self._state.name, "PYTHONPATH": os.pathsep.join(path)}

    def result(self, desired: DesiredState) -> Update | None:
        """Give the state and return what would change; None where the preview did not succeed."""
        if not self._begun:
            return None
        self._state.give(desired)
        code = self._process.wait()
        self._output.seek(0)
        text = self._output.read()
        self._end()
        if code != 0:
            return None
        try:
            found = json.loads(text)
        except ValueError:
            return None
        steps = [(step["op"], step["urn"]) for step in found.get("steps", [])]
        counts = found.get("changeSummary") or dict(Counter(op for op, _ in steps))
        return Update(changes=counts, resources=[step for step in steps if step[0] not in QUIET])

    def discard(self) -> None:
        """End it where it is at work still: its answer is of no use any more."""
        if not self._begun or self._output.closed:
            return
        self._state.close()  # or the program would go on waiting
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE_SECONDS)
        self._end()

    def _end(self) -> None:
        from automation import sessions  # not before there is an engine at work: it takes its time

        # One that is told to end leaves its language host for a moment, or for good.
        sessions.end(sessions.members(self._process.pid))
        self._process.wait()
        self._state.close()
        self._output.close()
