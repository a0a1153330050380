"""How carefully an environment is changed: equipped, from what is there, nothing lost unasked."""

from collections.abc import Callable
from dataclasses import dataclass, field

from automation import replacing
from automation.engine import plugins
from automation.engine.environment import EngineEnvironment
from automation.engine.update import Update
from components.contract.platforms import elsewhere
from components.contract.settings import Settings


@dataclass
class Care:
    """What one command observes with an environment.

    `allowed` names the resources with state that may be replaced or deleted. `refresh` tells
    whether the clouds are asked first what is there. Without `settings` everything is local.
    """

    settings: Settings | None = None
    tell: Callable[[str], None] = lambda _text: None
    allowed: frozenset[str] = frozenset()
    refresh: bool = True
    _equipped: bool = field(default=False, init=False)
    _safe: bool = field(default=False, init=False)
    _fresh: bool = field(default=False, init=False)
    _doubted: bool = field(default=False, init=False)

    @property
    def remote(self) -> bool:
        """Tell whether anything of the environment is not on this machine."""
        return self.settings is not None and remote(self.settings)

    def equip(self, environment: EngineEnvironment) -> None:
        """Have the plugins that the platforms need, once. Raise Blocked where it cannot be."""
        if self.settings is not None and not self._equipped:
            plugins.ensure(environment, self.settings, self.tell)
            self._equipped = True

    @property
    def cautious(self) -> bool:
        """Tell whether a preview must come before the next change.

        What a setting replaces shows in the first one; those of the same command change no more.
        """
        return self.remote and not self._safe

    def foreseen(self, update: Update) -> None:
        """Take in a preview: changes are safe from here on if it loses nothing unasked."""
        self._safe = not replacing.refused(update.resources, self.allowed)

    @property
    def refreshes(self) -> bool:
        """Tell whether the next change asks first what is there.

        Once in a command, as it is a quarter of an update that changes little; again where an
        update was cut short or failed, so that what it had come to is not known. This machine is
        asked also by who does not want to ask a cloud.
        """
        wanted = self.refresh or not self.remote
        return self._doubted or (wanted and not self._fresh)

    def changed(self) -> None:
        """Say that a change went through: what is there is known."""
        self._fresh, self._doubted = True, False

    def doubt(self) -> None:
        """Say that what is there is not known any more."""
        self._doubted = True


def remote(settings: Settings) -> bool:
    """Tell whether any chosen platform is not on this machine."""
    return elsewhere(settings.platform)
