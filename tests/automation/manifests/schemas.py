"""The schemas that a maintained validator brings along."""

import subprocess
import sys
from pathlib import Path


def problems(schema: str, file: Path, *options: str) -> str:
    """Return what the validator has to say against a file; nothing where it takes it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options]
    done = subprocess.run(
        [*command, str(file)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return "" if done.returncode == 0 else done.stdout + done.stderr
