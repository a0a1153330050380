"""AWS's services as moto emulates them, over HTTP on a free port of this machine."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from automation.polling import SystemClock, wait_until

STARTED = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")
START_SECONDS = 60


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Serve an empty account until the block ends; yield the base URL."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    env = {**os.environ, "MOTO_ACM_VALIDATION_WAIT": "0", "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with (
            log.open("w") as output,
            subprocess.Popen(command, stdout=output, stderr=output, env=env) as process,
        ):
            try:
                clock = SystemClock()
                found = wait_until(
                    lambda: STARTED.search(log.read_text()),
                    accept=lambda found: found is not None or process.poll() is not None,
                    deadline=clock.time() + START_SECONDS,
                    clock=clock,
                    every=0.1,
                )
                if found is None:
                    raise RuntimeError(f"moto did not start: {log.read_text()}")
                yield found.group(1)
            finally:
                process.terminate()
