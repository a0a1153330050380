"""What the engine's processes are given: where state is, how it is encrypted, which tools."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from automation.events import Listener
from automation.home import PROJECT, Home
from automation.toolchain import pulumi
from components.contract import outputs
from components.contract.names import SECRETS

SALT = "encryptionsalt"
DESIRED = "desired-"
"""How the names of the files begin in which the program is given a desired state."""
WHOLE_FILES = "?metadata=skip"
"""A folder backend replaces a file of state as a whole, but writes the file of attributes beside
it in place: whoever reads at that moment, as the program reads its own stack, fails with `EOF`."""
PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


@dataclass(frozen=True)
class EngineEnvironment:
    """One stack, one home, one set of tools; `tools` is the folder of the `pulumi` program."""

    home: Home
    stack: str
    tools: Path

    @property
    def command(self) -> str:
        """Return the path of the engine's program."""
        return str(self.tools / "pulumi")

    @property
    def folder(self) -> Path:
        """Return the environment's folder."""
        return self.home.environment(self.stack)

    @property
    def backend(self) -> Path | None:
        """Return the folder of the engine's state; None where it is not in a folder."""
        url = self.variables()["PULUMI_BACKEND_URL"]
        path = url.removeprefix("file://").partition("?")[0]
        return Path(path).expanduser() if url.startswith("file://") else None

    @property
    def config_file(self) -> Path:
        """Return the copy of the stack's file that the engine may write its salt to."""
        return self.folder / f"Pulumi.{self.stack}.yaml"

    @property
    def source(self) -> Path:
        """Return the stack's file as it is checked in; it is never written to."""
        return PROJECT / f"Pulumi.{self.stack}.yaml"

    def prepare(self) -> None:
        """Make the folders, the passphrase where none is configured, and the copy of the file."""
        for folder in (self.home.root, self.home.backend, self.folder):
            folder.mkdir(parents=True, exist_ok=True)
        self.home.root.chmod(0o700)
        if not any(os.environ.get(name) for name in PASSPHRASES):
            make_passphrase(self.home.passphrase)
        self._copy(self._kept(self.config_file))

    def keep_salt(self, file: Path) -> None:
        """Take over the salt that the engine wrote when it made the stack."""
        self._copy({**self._kept(self.config_file), **self._kept(file)})

    def variables(self) -> dict[str, str]:
        """Return the environment variables, for the driver and for `slipway env`."""
        path = [str(self.tools), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        values = {
            "PATH": os.pathsep.join(path),
            "PULUMI_BACKEND_URL": os.environ.get("PULUMI_BACKEND_URL")
            or f"file://{self.home.backend}{WHOLE_FILES}",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Nothing on this path needs a plugin that is not there already: looking for those of
            # every installed SDK took three of four seconds of an update that changes nothing.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_OPTION_CONFIG_FILE": str(self.config_file),
            outputs.HOME_VARIABLE: str(self.home.root),
        }
        if not (os.environ.get("PULUMI_HOME") or os.environ.get("PULUMI_BACKEND_URL")):
            # The engine's own files too stay here; with a backend elsewhere its login is at home.
            values["PULUMI_HOME"] = str(self.home.root / "pulumi")
        if not any(os.environ.get(name) for name in PASSPHRASES):
            values["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(self.home.passphrase)
        return values

    def _kept(self, file: Path) -> dict[str, Any]:
        # What the engine wrote, and secrets that were set for this installation alone.
        if not file.exists():
            return {}
        content = yaml.safe_load(file.read_text()) or {}
        kept = {SALT: content[SALT]} if content.get(SALT) else {}
        given = (content.get("config") or {}).items()
        return {**kept, **{k: v for k, v in given if str(k).startswith(f"{SECRETS}:")}}

    def _copy(self, kept: Mapping[str, Any]) -> None:
        content = yaml.safe_load(self.source.read_text()) or {}
        config = {**{k: v for k, v in kept.items() if k != SALT}, **(content.get("config") or {})}
        merged = {**content, "config": config}
        if SALT in kept:
            merged.setdefault(SALT, kept[SALT])
        text = f"# Made from {self.source.name}: edit that one.\n{yaml.safe_dump(merged)}"
        if not self.config_file.exists() or self.config_file.read_text() != text:
            self.config_file.write_text(text)


def prepare(environment: str, listener: Listener) -> EngineEnvironment:
    """Return the engine's surroundings, fetching or building its tools where there are none."""
    tools = pulumi.locate(lambda text: listener.progress("tools", text))
    prepared = EngineEnvironment(home=Home.locate(), stack=environment, tools=tools.bin)
    prepared.prepare()
    return prepared


def make_passphrase(file: Path) -> None:
    """Make the passphrase once. The file is for its owner only, from the first byte on."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(32))
