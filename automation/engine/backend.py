"""Where the engine keeps the state of an environment, and who encrypts its secrets.

`PULUMI_BACKEND_URL` counts most, then `slipway:stateBackend` of the environment's file, then a
folder of this installation. Likewise `secretsprovider` of the file, then a passphrase.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation.errors import InvalidInput
from automation.home import PROJECT, expanded

KEY = "slipway:stateBackend"
VARIABLE = "PULUMI_BACKEND_URL"
PROVIDER = "secretsprovider"
PASSPHRASE = ("passphrase", "default", "")
FOLDER = "file://"
WHOLE_FILES = "metadata=skip"
"""A folder backend replaces a file of state as a whole, but writes the file of attributes beside
it in place: whoever reads at that moment, as the program reads its own stack, fails with `EOF`."""


@dataclass(frozen=True)
class Backend:
    """A place for state. `own` is the folder of this installation, which needs no login."""

    url: str
    own: bool = False

    @property
    def folder(self) -> Path | None:
        """Return the folder of the state; None where it is not in a folder."""
        if not self.url.startswith(FOLDER):
            return None
        return Path(self.url.removeprefix(FOLDER).partition("?")[0])


def configured(content: Mapping[str, Any], own: Path) -> Backend:
    """Return the backend that variables or the content of an environment's file name."""
    if given := os.environ.get(VARIABLE):
        return _whole(given, VARIABLE)
    named = str((content.get("config") or {}).get(KEY) or "")
    if not named:
        return Backend(f"{FOLDER}{own}?{WHOLE_FILES}", own=True)
    if named.startswith(FOLDER) and "?" not in named:
        named = f"{named}?{WHOLE_FILES}"
    return _whole(named, KEY)


def _whole(url: str, named_by: str) -> Backend:
    # The engine takes a path from where it runs, and it makes a stack in a folder of its own.
    if not url.startswith(FOLDER):
        return Backend(url)
    path, mark, query = url.removeprefix(FOLDER).partition("?")
    return Backend(f"{FOLDER}{PROJECT / expanded(path, named_by)}{mark}{query}")


def refuse_credentials(place: Backend, file: str) -> None:
    """Raise InvalidInput where a URL holds a user or a password: it is shown and kept.

    `file` is the name of the environment's file. The URL itself is not repeated.
    """
    if "@" in place.url and not place.url.startswith(FOLDER):
        named = VARIABLE if os.environ.get(VARIABLE) else f"{file}: {KEY}"
        raise InvalidInput(
            f"{named}: the URL names a user or a password",
            hint="Name the place alone. Credentials are the cloud's own, see docs/state.md.",
        )


def provider(content: Mapping[str, Any]) -> str:
    """Return the URL of the key that encrypts secrets; empty where a passphrase does."""
    named = str(content.get(PROVIDER) or "")
    return "" if named in PASSPHRASE else named
