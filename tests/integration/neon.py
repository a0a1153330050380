"""A Neon for one test: the fake API over HTTP, with real PostgreSQL behind it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from automation.home import PROJECT


@contextmanager
def fake() -> Iterator[dict[str, str]]:
    """Run the fake in a process of its own, as the engine's providers are processes too."""
    command = [sys.executable, "-m", "tests.doubles.neon", "--seconds", "0.05"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        yield {"NEON_API_KEY": said["key"], "NEON_API_URL": said["url"]}
    finally:
        process.terminate()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()
