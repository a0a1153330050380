"""The values of an environment's secrets, where what nobody gave comes from a seed."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.contract import secret_versions
from components.contract.release import Release
from components.secrets.derived import derived


def held_values(
    seed: pulumi.Output[str],
    releases: pulumi.Output[Mapping[str, Release]],
    given: Mapping[str, pulumi.Output[str]],
    kept: pulumi.Output[dict[str, str]],
) -> pulumi.Output[dict[str, str]]:
    """Return what `Secrets.values` promises; the seed is secret, and so is all that is returned."""
    # Of nothing, `Output.all` makes an empty list.
    known_given: pulumi.Output[dict[str, Any]] = (
        pulumi.Output.all(**given) if given else pulumi.Output.from_input({})
    )
    known: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
        releases=releases, seed=seed, given=known_given, kept=kept
    )
    return pulumi.Output.secret(known.apply(_held))


def _held(known: dict[str, Any]) -> dict[str, str]:
    releases = known["releases"].values()
    lengths = {name: length for r in releases for name, length in r.secrets.items()}
    made = derived(known["seed"], lengths)
    return secret_versions.held(releases, made=made, given=known["given"], kept=known["kept"])
