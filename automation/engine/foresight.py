"""A preview of what is live, begun before anything else is known.

Most previews find that nothing changed. The engine then has to say only one thing: whether what
is live is still what is declared. That question needs no answer of the driver's, so the engine
starts on it at once, while the driver is still reading files.
"""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections import Counter
from typing import IO

from automation.engine.environment import EngineEnvironment
from automation.engine.update import QUIET
from automation.home import PROJECT
from components.contract.outputs import DESIRED_STATE_VARIABLE
from components.contract.platforms import elsewhere


class Foresight:
    """An engine at work on a preview of what the stack declares now."""

    def __init__(self, environment: EngineEnvironment) -> None:
        arguments = ["preview", "--json", "--non-interactive", "--stack", environment.stack]
        variables = {**os.environ, **environment.variables()}
        # Without a file from the driver the program declares what is live once more.
        variables.pop(DESIRED_STATE_VARIABLE, None)
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [environment.command, *arguments],
            cwd=PROJECT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def result(self) -> tuple[dict[str, int], list[tuple[str, str]]] | None:
        """Wait, and return counts by operation and what differs; None where it did not succeed."""
        code = self._process.wait()
        self._output.seek(0)
        text = self._output.read()
        self._output.close()
        if code != 0:
            return None
        try:
            found = json.loads(text)
        except ValueError:
            return None
        steps = [(step["op"], step["urn"]) for step in found.get("steps", [])]
        counts = found.get("changeSummary") or dict(Counter(op for op, _ in steps))
        return counts, [step for step in steps if step[0] not in QUIET]

    def discard(self) -> None:
        """End it: its answer is of no use any more."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)
            self._process.wait()
        self._output.close()


def begin(environment: EngineEnvironment) -> Foresight | None:
    """Begin one; return None where its answer would be of no use.

    What is at a cloud is asked first what has become of it, which only the driver does.
    """
    return None if elsewhere(environment.platform) else Foresight(environment)
