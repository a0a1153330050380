"""A shop in clouds that suffers faults of the plugins, one after the other."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from automation.errors import DeploymentFailed, RolledBack
from tests.doubles.plugins.cloud import Call, When
from tests.doubles.plugins.fixture import Plugins
from tests.integration.cloud_faults import accounts
from tests.integration.cloud_faults.matrix import Fault, faults
from tests.integration.clouds import Shop, shop
from tests.integration.driver import Ran

MESSAGE = "a fault of this test"
SETTINGS = {"strategy": "blue_green", "awsDeletionProtection": "false"}
"""Without the latter the clouds would keep what the test is to leave."""
ENDS = {RolledBack.exit_code: "rolled_back", DeploymentFailed.exit_code: "failed"}
NOT_STRUCK = "not struck: nothing of that name was to be done"


@dataclass
class Scene:
    """A shop, its first release live; each fault meets a release of its own."""

    shop: Shop
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(2))

    def recorded(self) -> list[Fault]:
        """Return the faults of a deployment over another, from the calls of a good one."""
        self.shop.world.plugins.forget()
        self._change()
        self.shop.up().ok()
        release = str(self.shop.status()["release"])
        return faults(self.shop.world.plugins.calls(), release)

    def suffer(self, fault: Fault) -> str:
        """Deploy with a fault, then without; return how the first ended.

        Fail unless the first told the truth, the second got home, and nothing is lost or twice.
        """
        plugins = self.shop.world.plugins
        greeting = self._change()
        plugins.forget()
        plugins.fail(fault.method, fault.type, fault.name, error=MESSAGE, when=fault.when)
        struck = self.shop.up()
        plugins.heal()
        if not _struck(plugins):
            struck.ok()
            return NOT_STRUCK
        ended = self.told(struck)
        assert self.differences() == [], f"{fault}: {ended}"
        self.shop.up().ok()
        self.shop.greets(greeting)
        assert self.differences() == [], f"{fault}: home"
        self.shop.is_clean()
        return ended

    def _change(self) -> str:
        """Change both services and a secret: each release does what the recorded one did."""
        greeting = f"greeting {next(self.numbers)}"
        self.shop.change(greeting=greeting)
        self.shop.slipway.told(greeting, "secret", self.shop.environment, "SIGNING_KEY").ok()
        return greeting

    def told(self, struck: Ran) -> str:
        """See that a struck deployment ended as it says, and return how."""
        assert struck.code in ENDS, struck
        report = self.shop.report()
        outcome = report["overall_status"]["outcome"]
        assert outcome == ENDS[struck.code], outcome
        assert MESSAGE in json.dumps(report) or MESSAGE in struck.stderr, struck
        return ENDS[struck.code]

    def differences(self) -> list[str]:
        """Return what the clouds and the state do not agree upon."""
        return accounts.differences(
            self.shop.slipway, self.shop.environment, self.shop.world.plugins
        )


@contextmanager
def scene(environment: str) -> Iterator[Scene]:
    """Give a shop whose first release is live."""
    with shop(environment) as made:
        made.settings(**SETTINGS)
        made.up().ok()
        yield Scene(made)


def first(environment: str, when: When) -> Iterator[str]:
    """Let each creation of a first deployment fail once, and yield what came of each attempt.

    All that can be made at the same time fails in the same attempt; what it has made stays for the
    next, which comes as far as what depends on it.
    """
    listed = [fault for fault in _creations(environment) if fault.when == when]
    with shop(environment) as made:
        made.settings(**SETTINGS)
        place, plugins = Scene(made), made.world.plugins
        for fault in listed:
            plugins.fail(fault.method, fault.type, fault.name, error=MESSAGE, when=when)
        left = set(listed)
        while True:
            plugins.forget()
            attempt = made.up()
            struck = _struck(plugins, "Create")
            if not struck:
                break
            left -= {
                fault for fault in left if _struck(plugins, fault.method, fault.type, fault.name)
            }
            yield f"{place.told(attempt)}: {', '.join(call.name for call in struck)}"
            assert place.differences() == []
        attempt.ok()
        made.greets("hello")
        assert place.differences() == []
        made.is_clean()
        assert not left, f"not struck: {', '.join(map(str, left))}"
        yield f"{when}: {len(listed)} creations struck: home"


def _struck(plugins: Plugins, *sought: str) -> list[Call]:
    return [call for call in plugins.calls(*sought) if MESSAGE in call.outcome]


def _creations(environment: str) -> list[Fault]:
    with shop(environment) as good:
        good.settings(**SETTINGS)
        good.up().ok()
        release = str(good.status()["release"])
        return faults(good.world.plugins.calls("Create"), release)
