"""The engine of one environment. The SDK is loaded for changes only: asking is quicker."""

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from automation import replacing
from automation.engine import deployed, process
from automation.engine.care import Care
from automation.engine.deployed import Resource
from automation.engine.environment import EngineEnvironment
from automation.engine.update import OnLine, Update, said
from automation.errors import EngineFailed
from automation.home import PROJECT
from components.contract.desired import DesiredState
from components.contract.names import SECRETS

if TYPE_CHECKING:
    from automation.engine.stack import EngineStack, Shield


class Engine:
    """What one stack holds, and four verbs: create, preview, up and destroy.

    `shield` is entered for every change, so that an interrupt waits until it is complete.
    """

    def __init__(
        self,
        environment: EngineEnvironment,
        shield: "Shield" = nullcontext,
        care: Care | None = None,
    ) -> None:
        self._environment, self._shield = environment, shield
        self.care = care or Care()

    def outputs(self, *, secrets: bool = False) -> dict[str, Any] | None:
        """Return the stack's outputs, or None where there is no stack.

        Secret outputs are absent unless asked for. Raise EngineFailed where it cannot tell.
        """
        name = self._environment.stack
        command = [self._environment.command, "--non-interactive", "stack", "output", "--json"]
        command += ["--stack", name, *(["--show-secrets"] if secrets else [])]
        done = process.run(command, cwd=str(PROJECT), env=self._environment.variables())
        if done.code != 0:
            if deployed.MISSING in done.stderr:
                return None
            raise EngineFailed("the engine did not succeed", details=(said(done.stderr),))
        found: dict[str, Any] = json.loads(done.stdout or "{}")
        return found if secrets else {k: v for k, v in found.items() if v != "[secret]"}

    def up(self, desired: DesiredState, *, message: str, on_line: OnLine | None = None) -> Update:
        """Make a desired state real. Raise EngineFailed with what the engine said.

        Raise Blocked, with nothing changed, where state would be lost that nobody allowed.
        """
        self.equip()
        if self.care.cautious:
            foreseen = self.preview(desired).resources
            replacing.refuse(foreseen, self.care.allowed, self._environment.stack)
        try:
            update = self._stack.up(
                desired, message=message, refresh=self.care.refreshes, on_line=on_line
            )
        except BaseException:
            self.care.doubt()
            raise
        self.care.changed()
        return update

    def preview(self, desired: DesiredState, *, on_line: OnLine | None = None) -> Update:
        """Say what making a desired state real would change.

        Raise Blocked where it would replace or delete what is protected.
        """
        self.equip()
        refresh = self.care.remote and self.care.refreshes
        update = self._stack.preview(desired, refresh=refresh, on_line=on_line)
        self.care.foreseen(update)
        return update

    def drift(self, desired: DesiredState) -> Update:
        """Say what differs from a state, having asked everything what it is."""
        self.equip()
        return self._stack.preview(desired, refresh=True)

    def destroy(self, *, on_line: OnLine | None = None) -> Update:
        """Remove everything that the stack declares, then the stack."""
        self.equip()
        return self._stack.destroy(on_line=on_line)

    def resources(self) -> list[Resource]:
        """Return what the stack's state holds; nothing where there is no stack."""
        return deployed.resources(self._environment)

    def unprotect(self, resources: Iterable[Resource]) -> list[str]:
        """Let those that are protected be replaced or deleted; return their names."""
        found = [each for each in resources if each.protected]
        deployed.unprotect(self._environment, [each.urn for each in found])
        return [each.name for each in found]

    def equip(self) -> None:
        """Have the plugins that the platforms need. Raise Blocked where they cannot be had."""
        self.care.equip(self._environment)

    def create(self) -> None:
        """Make the stack where it does not exist yet; the checked-in files stay as they are."""
        self._stack.create()

    def borrowed(self, unless: Callable[[], bool] = lambda: False) -> AbstractContextManager[None]:
        """Have a stack for as long as the block lasts: without one there is no preview.

        It stays where `unless` says at the end that somebody else is about to use it.
        """
        return self._stack.borrowed(unless)

    def keep_secret(self, name: str, value: str) -> None:
        """Encrypt a secret into the configuration of this installation."""
        self._stack.create()
        self._stack.keep_secret(name, value)

    def given(self) -> dict[str, str]:
        """Return the secrets that the operator gave, in the clear, by name; none without a stack.

        Raise EngineFailed where they cannot be read.
        """
        command = [self._environment.command, "--non-interactive", "config", "--json"]
        command += ["--show-secrets", "--stack", self._environment.stack]
        done = process.run(command, cwd=str(PROJECT), env=self._environment.variables())
        if done.code != 0:
            if deployed.MISSING in done.stderr:
                return {}  # the preview of a first deployment
            raise EngineFailed(
                "the engine cannot read the secrets of the configuration",
                details=(said(done.stderr),),
            )
        prefix = f"{SECRETS}:"
        found: dict[str, dict[str, str]] = json.loads(done.stdout or "{}")
        return {
            k.removeprefix(prefix): v["value"] for k, v in found.items() if k.startswith(prefix)
        }

    def repair(self) -> list[str]:
        """Mend what an engine that was killed has left, and return what was done.

        Only for who holds the environment, and no engine is at work there.
        """
        from automation.engine.repair import repair

        done = repair(self._environment)
        if done:
            self.care.doubt()
        return done

    @cached_property
    def _stack(self) -> "EngineStack":
        from automation.engine.stack import EngineStack

        return EngineStack(self._environment, self._shield)
