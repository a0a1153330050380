"""The passphrase that encrypts secrets in the state, where no key does."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from automation.errors import Blocked
from automation.home import expanded

VARIABLE, FILE = "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"
VARIABLES = (VARIABLE, FILE)
"""In the engine's order: the first counts more, even where it is empty."""


def given() -> bool:
    """Tell whether a variable names a passphrase."""
    return any(os.environ.get(name) for name in VARIABLES)


def check() -> None:
    """Raise Blocked where a variable gives an empty passphrase: the engine would take it."""
    name = next((each for each in VARIABLES if each in os.environ), None)
    if name is None:
        return
    value = os.environ[name]
    if not value:
        raise Blocked(
            f"{name} is set, but empty: secrets would be encrypted with an empty passphrase",
            hint="Give it the passphrase of this state, or unset it to use this installation's "
            "own. A pipeline sets an empty one where its secret of that name is missing.",
        )
    if name == FILE and (path := expanded(value, FILE)).is_file():
        _refuse_empty(path, f"{FILE} names it: write the passphrase of this state into it.")


def make(file: Path) -> None:
    """Make the passphrase once, for its owner only. Raise Blocked where the file is empty."""
    if file.exists():
        _refuse_empty(
            file,
            "Restore it from a backup. If nothing was ever deployed from here, delete it: "
            "the next command makes a new one.",
        )
        return
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(32))
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):  # somebody else's, made meanwhile, counts
            os.link(name, file)
    finally:
        Path(name).unlink()


def _refuse_empty(file: Path, hint: str) -> None:
    if not file.read_bytes().strip():
        raise Blocked(f"{file} is empty: it should hold the passphrase", hint=hint)
