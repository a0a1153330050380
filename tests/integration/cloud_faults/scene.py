"""A shop in clouds that suffers faults of the plugins, one after the other."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from automation.errors import DeploymentFailed, RolledBack
from tests.integration.cloud_faults import accounts
from tests.integration.cloud_faults.matrix import Fault, faults
from tests.integration.clouds import Shop, shop
from tests.integration.driver import Ran

MESSAGE = "a fault of this test"
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
        if not any(MESSAGE in call.outcome for call in plugins.calls()):
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
        made.settings(strategy="blue_green")
        made.up().ok()
        yield Scene(made)


def first(environment: str, only: int | None = None) -> Iterator[str]:
    """Let a first deployment fail at each creation in turn, and yield what came of each.

    What one attempt has made stays for the next, so each comes as far as the creation after.
    """
    with shop(environment) as good:
        good.settings(strategy="blue_green")
        good.up().ok()
        release = str(good.status()["release"])
        listed = [
            f for f in faults(good.world.plugins.calls("Create"), release) if f.when == "after"
        ]
    with shop(environment) as made:
        made.settings(strategy="blue_green")
        place, struck_ones = Scene(made), 0
        for fault in listed[:only]:
            made.world.plugins.forget()
            made.world.plugins.fail(
                fault.method, fault.type, fault.name, error=MESSAGE, when="after"
            )
            struck = made.up()
            made.world.plugins.heal()
            if any(MESSAGE in call.outcome for call in made.world.plugins.calls()):
                struck_ones += 1
                yield f"{fault}: {place.told(struck)}"
            else:
                yield f"{fault}: {NOT_STRUCK}"
            assert place.differences() == [], fault
        made.up().ok()
        made.greets("hello")
        assert place.differences() == []
        made.is_clean()
        yield f"{struck_ones} of {len(listed[:only])} creations struck: home"
