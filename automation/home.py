"""Where Slipway keeps what it writes: one folder, `.slipway` in the project by default."""

import os
from dataclasses import dataclass
from pathlib import Path

from components.contract.outputs import HOME_VARIABLE

PROJECT = Path(__file__).resolve().parent.parent
"""The project's root: where Pulumi.yaml is."""


@dataclass(frozen=True)
class Home:
    """The folders of one installation. Folders that hold secrets are for their owner only."""

    root: Path

    @classmethod
    def locate(cls) -> "Home":
        """Return the home that SLIPWAY_HOME names, or `.slipway` in the project."""
        named = os.environ.get(HOME_VARIABLE)
        return cls(Path(named).expanduser().resolve() if named else PROJECT / ".slipway")

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
