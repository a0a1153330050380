"""Where Slipway keeps what it writes: one folder, `.slipway` in the project by default."""

import os
from dataclasses import dataclass
from pathlib import Path

from automation.errors import InvalidInput
from components.contract.outputs import HOME_VARIABLE

PROJECT = Path(__file__).resolve().parent.parent
"""The project's root: where Pulumi.yaml is."""


def expanded(path: str, named_by: str) -> Path:
    """Return a path without `~`. Raise InvalidInput, which says who named it."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InvalidInput(
            f"{named_by}: {path}: no home folder of that user is known",
            hint="Name the whole path, such as /srv/slipway.",
        ) from None


@dataclass(frozen=True)
class Home:
    """The folders of one installation. Folders that hold secrets are for their owner only."""

    root: Path

    @classmethod
    def locate(cls) -> "Home":
        """Return the home that SLIPWAY_HOME names, or `.slipway` in the project."""
        named = os.environ.get(HOME_VARIABLE)
        place = expanded(named, HOME_VARIABLE).resolve() if named else PROJECT / ".slipway"
        return cls(place)

    @property
    def artifacts(self) -> Path:
        """Folder of the content-addressed artifacts, shared by all environments."""
        return self.root / "artifacts"

    @property
    def backend(self) -> Path:
        """Folder of the engine's state where no other backend is configured."""
        return self.root / "state"

    @property
    def passphrase(self) -> Path:
        """File with the passphrase that encrypts secrets in the engine's state."""
        return self.root / "passphrase"

    def environment(self, name: str) -> Path:
        """Return the folder of an environment."""
        return self.root / name

    def deployment(self, environment: str, deployment: str) -> Path:
        """Return the folder of one deployment: report, events, logs, measurements."""
        return self.environment(environment) / "deployments" / deployment
