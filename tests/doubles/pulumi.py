"""A `pulumi` that is a shell script."""

from pathlib import Path


def fake_pulumi(folder: Path, script: str) -> Path:
    """Write the script as a program called `pulumi` and return the folder that it is in."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return folder
