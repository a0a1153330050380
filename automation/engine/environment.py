"""What the engine's processes are given: where state is, how it is encrypted, which tools."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from automation import stack_file
from automation.engine import backend, checkpoint, kept, passphrase
from automation.engine.backend import Backend
from automation.events import Listener
from automation.home import PROJECT, Home
from automation.polling import Clock, SystemClock
from automation.toolchain import pulumi
from components.contract import outputs, settings_file
from components.contract.files import replace
from components.contract.names import PROJECT as PROJECT_NAME
from components.contract.names import SECRETS

SALT, KEY = "encryptionsalt", "encryptedkey"
"""What the engine writes into the file when it makes the stack: the salt of a passphrase, or a key
that the secrets provider encrypted. Without it secrets cannot be read."""
QUICK = str(Path(__file__).parent / "quick")
"""A pip that lists packages in a tenth of the time: the engine asks for them before each update."""


@dataclass(frozen=True)
class EngineEnvironment:
    """One stack, one home, one set of tools; `tools` is the folder of the `pulumi` program."""

    home: Home
    stack: str
    tools: Path
    clock: Clock = field(default_factory=SystemClock, compare=False)

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

    @property
    def fresh(self) -> bool:
        """Tell whether it is known, without asking the engine, that there is no stack yet."""
        return self.backend is not None and not checkpoint.exists(self.backend, self.stack)

    @cached_property
    def provider(self) -> str:
        """Return the URL of the key that encrypts secrets; empty where a passphrase does."""
        return backend.provider(self._content)

    def platform(self, concern: str) -> str:
        """Return the name of a concern's platform in the stack's file; empty where it has none."""
        key = settings_file.alias(f"{concern}_platform")
        return str((self._content.get("config") or {}).get(f"{PROJECT_NAME}:{key}") or "")

    @property
    def config_file(self) -> Path:
        """Return the copy of the stack's file that the engine may write its salt to."""
        return self.folder / f"Pulumi.{self.stack}.yaml"

    @property
    def source(self) -> Path:
        """Return the stack's file as it is checked in; it is never written to."""
        return PROJECT / f"Pulumi.{self.stack}.yaml"

    def prepare(self) -> None:
        """Make the folders, the passphrase where none is configured, and the copy of the file.

        Raise Blocked where the file is wrong, or a variable would have the engine do harm.
        """
        backend.refuse_credentials(self.place, self.source.name)
        if not self.provider:
            passphrase.check()
        folders = (self.home.root, self.home.backend, self.folder, self.backend)
        for folder in filter(None, folders):
            folder.mkdir(parents=True, exist_ok=True)
        self.home.root.chmod(0o700)
        if self._needs_passphrase():
            passphrase.make(self.home.passphrase)
        with self._alone():
            self._copy(self._kept(self.config_file))

    def keep_salt(self, file: Path) -> None:
        """Take over the salt, or encrypted key, that the engine wrote when it made the stack.

        Not where a secret is kept that can be read with another alone.
        """
        with self._alone():
            known, made = self._kept(self.config_file), self._kept(file)
            self._copy({**made, **known} if _salt_of_secrets(known) else {**known, **made})

    def give_salt(self, file: Path) -> None:
        """Write what secrets are kept with where the engine, which makes a stack, takes it over."""
        if salt := _salt_of_secrets(self._kept(self.config_file)):
            file.write_text(yaml.safe_dump(salt), encoding="utf-8")

    @contextlib.contextmanager
    def changing(self) -> Iterator[Path]:
        """Give a file to change, which takes the copy's place when all went well.

        Nobody else changes the copy meanwhile. Raise Busy where somebody does for long.
        """
        with self._alone(), tempfile.TemporaryDirectory(prefix="slipway-") as scratch:
            file = Path(scratch) / self.config_file.name
            file.write_bytes(self.config_file.read_bytes())
            yield file
            replace(self.config_file, file.read_text(encoding="utf-8"))

    def forget(self) -> None:
        """Remove the copy: its environment is gone."""
        with self._alone():
            self.config_file.unlink(missing_ok=True)

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
            values[passphrase.FILE] = str(self.home.passphrase)
        return values

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        return kept.alone(self.config_file, self.clock)

    def _needs_passphrase(self) -> bool:
        return not self.provider and not passphrase.given()

    @cached_property
    def _content(self) -> dict[str, Any]:
        return stack_file.read(self.source, self.source.name)

    def _kept(self, file: Path) -> dict[str, Any]:
        # What the engine wrote, and secrets that were set for this installation alone.
        content = kept.read(file)
        own = KEY if self.provider else SALT
        salt = {own: content[own]} if content.get(own) else {}
        given = (content.get("config") or {}).items()
        return {**salt, **{k: v for k, v in given if str(k).startswith(f"{SECRETS}:")}}

    def _copy(self, known: Mapping[str, Any]) -> None:
        content = self._content
        own = {key: value for key, value in known.items() if key in (SALT, KEY)}
        given = {key: value for key, value in known.items() if key not in own}
        merged = {**own, **content, "config": {**given, **(content.get("config") or {})}}
        text = f"# Made from {self.source.name}: edit that one.\n{yaml.safe_dump(merged)}"
        if not self.config_file.exists() or self.config_file.read_text() != text:
            replace(self.config_file, text)


def _salt_of_secrets(known: Mapping[str, Any]) -> dict[str, Any]:
    salt = {key: value for key, value in known.items() if key in (SALT, KEY)}
    return salt if len(known) > len(salt) else {}


def prepare(environment: str, listener: Listener) -> EngineEnvironment:
    """Return the engine's surroundings, fetching or building its tools where there are none."""
    tools = pulumi.locate(lambda text: listener.progress("tools", text))
    prepared = EngineEnvironment(home=Home.locate(), stack=environment, tools=tools.bin)
    prepared.prepare()
    return prepared
