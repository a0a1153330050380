"""Do the chosen platforms work together, and is there what each of them needs?"""

import os
from collections.abc import Iterator, Mapping

from automation.reports.observed import CheckFact
from components.contract.platforms import REGISTRIES, Platform
from components.contract.settings import Settings
from components.contract.settings_file import alias

PRIVATE = "development"
"""The environment of one person: what it has elsewhere need not say whose it is."""
ASKED = ("neon",)
"""Platforms whose credentials a check of their own tries."""


def checks(
    settings: Settings, environment: str, variables: Mapping[str, str] | None = None
) -> list[CheckFact]:
    """Check the settings and credentials of all platforms; `variables` are this process's."""
    file = f"Pulumi.{environment}.yaml"
    wrong = [f"{file}: {each}" for each in _wrong(settings)]
    missing = list(_without_credentials(settings, os.environ if variables is None else variables))
    return [
        CheckFact(
            name="platforms",
            status="failed" if wrong else "passed",
            details="; ".join(wrong) or "the chosen platforms work together",
            remedy="see docs/platforms/README.md" if wrong else "",
        ),
        CheckFact(
            name="credentials of platforms",
            status="failed" if missing else "passed",
            details="; ".join(missing) or "each platform finds its credentials",
            remedy="set one of these variables for this command" if missing else "",
        ),
        *_owner(settings, environment),
    ]


def _owner(settings: Settings, environment: str) -> Iterator[CheckFact]:
    if environment == PRIVATE or not any(each.remote for _, _, each in _chosen(settings)):
        return
    file = f"Pulumi.{environment}.yaml"
    missing = f"{file}: slipway:owner is not set, and what is elsewhere is to say whose it is"
    yield CheckFact(
        name="owner",
        status="passed" if settings.owner else "failed",
        details=settings.owner or missing,
        remedy="" if settings.owner else "set it to a team or a person, such as `platform`",
    )


def _chosen(settings: Settings) -> Iterator[tuple[str, str, Platform]]:
    for concern, registry in REGISTRIES.items():
        name = getattr(settings, f"{concern}_platform")
        if name in registry:
            yield concern, name, registry[name]


def _wrong(settings: Settings) -> Iterator[str]:
    for concern, registry in REGISTRIES.items():
        name = getattr(settings, f"{concern}_platform")
        if name not in registry:
            yield f"{_key(concern)} {name} is unknown; choices: {', '.join(registry)}"
    for concern, name, platform in _chosen(settings):
        for other, works in platform.beside.items():
            chosen = getattr(settings, f"{other}_platform")
            if chosen not in works:
                yield (
                    f"{_key(other)} is {chosen}, but {_key(concern)} {name} works with "
                    f"{' or '.join(works)}"
                )
        for group in platform.needs:
            if not any(getattr(settings, key) for key in group):
                keys = " or ".join(f"slipway:{alias(key)}" for key in group)
                yield f"{keys} is not set, and {_key(concern)} {name} needs it"


def _without_credentials(settings: Settings, variables: Mapping[str, str]) -> Iterator[str]:
    told = set()
    for _, name, platform in _chosen(settings):
        wanted = platform.credentials
        if (
            name not in ASKED
            and wanted
            and wanted not in told
            and not any(variables.get(each) for each in wanted)
        ):
            told.add(wanted)
            yield f"{name} finds no credentials: none of {', '.join(wanted)} is set"


def _key(concern: str) -> str:
    return f"slipway:{alias(f'{concern}_platform')}"
