"""What the engine's processes are given: where state is, how it is encrypted, which tools."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from automation.engine import backend
from automation.engine.backend import Backend
from automation.events import Listener
from automation.home import PROJECT, Home
from automation.toolchain import pulumi
from components.contract import outputs
from components.contract.names import SECRETS

SALT, KEY = "encryptionsalt", "encryptedkey"
"""What the engine writes into the file when it makes the stack: the salt of a passphrase, or a key
that the secrets provider encrypted. Without it secrets cannot be read."""
DESIRED = "desired-"
"""How the names of the files begin in which the program is given a desired state."""
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

    @cached_property
    def place(self) -> Backend:
        """Return where the state is."""
        return backend.configured(self._content, self.home.backend)

    @property
    def backend(self) -> Path | None:
        """Return the folder of the engine's state; None where it is not in a folder."""
        return self.place.folder

    @cached_property
    def provider(self) -> str:
        """Return the URL of the key that encrypts secrets; empty where a passphrase does."""
        return backend.provider(self._content)

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
        folders = (self.home.root, self.home.backend, self.folder, self.backend)
        for folder in filter(None, folders):
            folder.mkdir(parents=True, exist_ok=True)
        self.home.root.chmod(0o700)
        if self._needs_passphrase():
            make_passphrase(self.home.passphrase)
        self._copy(self._kept(self.config_file))

    def keep_salt(self, file: Path) -> None:
        """Take over the salt, or encrypted key, that the engine wrote when it made the stack."""
        self._copy({**self._kept(self.config_file), **self._kept(file)})

    def variables(self) -> dict[str, str]:
        """Return the environment variables, for the driver and for `slipway env`."""
        path = [str(self.tools), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        values = {
            "PATH": os.pathsep.join(path),
            backend.VARIABLE: self.place.url,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Nothing on this path needs a plugin that is not there already: looking for those of
            # every installed SDK took three of four seconds of an update that changes nothing.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_OPTION_CONFIG_FILE": str(self.config_file),
            outputs.HOME_VARIABLE: str(self.home.root),
        }
        if self.place.own and not os.environ.get("PULUMI_HOME"):
            # The engine's own files too stay here; with a backend elsewhere its login is at home.
            values["PULUMI_HOME"] = str(self.home.root / "pulumi")
        if self._needs_passphrase():
            values["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(self.home.passphrase)
        return values

    def _needs_passphrase(self) -> bool:
        return not self.provider and not any(os.environ.get(name) for name in PASSPHRASES)

    @cached_property
    def _content(self) -> dict[str, Any]:
        found = yaml.safe_load(self.source.read_text())
        return found if isinstance(found, dict) else {}

    def _kept(self, file: Path) -> dict[str, Any]:
        # What the engine wrote, and secrets that were set for this installation alone.
        if not file.exists():
            return {}
        content = yaml.safe_load(file.read_text()) or {}
        own = KEY if self.provider else SALT
        kept = {own: content[own]} if content.get(own) else {}
        given = (content.get("config") or {}).items()
        return {**kept, **{k: v for k, v in given if str(k).startswith(f"{SECRETS}:")}}

    def _copy(self, kept: Mapping[str, Any]) -> None:
        content = self._content
        own = {key: value for key, value in kept.items() if key in (SALT, KEY)}
        given = {key: value for key, value in kept.items() if key not in own}
        merged = {**own, **content, "config": {**given, **(content.get("config") or {})}}
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
