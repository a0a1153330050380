"""The three checked-in stacks, to declare."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pulumi

import automation.settings
from components import settings
from components.application import Application
from components.contract.desired import Address, DesiredState
from components.contract.release import Release
from components.monitoring.base import PAGERDUTY, SLACK
from tests.components.clusters import GIVEN, released
from tests.components.examples import frontend, live
from tests.doubles.program import Declared, declare

PACKAGE = "/artifacts/frontend/packages/1.0.0-aa"
SECRETS = {"MAIL_TOKEN": GIVEN}
CHANNELS = {PAGERDUTY: "given-key-of-pagerduty", SLACK: "https://hooks.example/given-by-slack"}
EVERYBODY = {
    "notification_email": "oncall@example.com",
    "slack_workspace": "T0AAAA",
    "slack_channel": "C0BBBB",
}
"""Settings of the channels that no secret belongs to."""


def packed(id_: str = "1.0.0-aa", package: str = PACKAGE) -> Release:
    """Return a release that any platform takes."""
    return released(id_).model_copy(update={"frontend": frontend(package=package)})


def serving(configured: Any, *releases: Release) -> DesiredState:
    """Return a state whose blue slots serve the first release, at the address of the settings."""
    state = live(*releases, replicas=configured.backend_replicas)
    if not configured.domain:
        return state
    return state.model_copy(update={"address": Address(host=configured.domain, port=443)})


def declared(
    stack: str,
    *releases: Release,
    name: str = "",
    given: Mapping[str, str] = SECRETS,
    **changes: Any,
) -> Declared:
    """Declare what a checked-in file says, with some settings changed, as `name`'s if given."""
    configured = automation.settings.load(stack).settings.model_copy(update=changes)
    inputs = settings.Inputs(
        environment=name or stack,
        settings=configured,
        state=pulumi.Output.from_input(serving(configured, *(releases or [packed()]))),
        home=Path("/home"),
        given={key: pulumi.Output.secret(value) for key, value in given.items()},
    )
    return declare(lambda: Application("application", inputs).outputs(), stack=name or stack)


@cache
def watched(stack: str, name: str = "", **changes: Any) -> Declared:
    """Declare it with every channel, once for all tests that ask for the same."""
    return declared(stack, name=name, given={**SECRETS, **CHANNELS}, **{**EVERYBODY, **changes})
