"""What the clouds hold against what the stack's state says: nothing lost, nothing made twice."""

import json
from typing import Any

from tests.doubles.plugins.fixture import Plugins
from tests.integration.driver import Slipway

PROVIDERS = ("aws", "kubernetes", "vercel", "random")


def differences(slipway: Slipway, environment: str, plugins: Plugins) -> list[str]:
    """Return what is in one of both books alone."""
    exported = slipway.pulumi(environment, "stack", "export", "-s", environment).ok().stdout
    recorded = json.loads(exported)["deployment"].get("resources") or ()
    kept = {_key(each) for each in recorded if _is_theirs(each)}
    # What no deployment made, such as the zone, has no URN.
    there = {(each.type, each.id) for each in plugins.objects() if each.urn}
    return [
        *(f"lost: {type_} {id_} is in the state alone" for type_, id_ in sorted(kept - there)),
        *(f"orphan: {type_} {id_} is in the cloud alone" for type_, id_ in sorted(there - kept)),
    ]


def _is_theirs(resource: dict[str, Any]) -> bool:
    return bool(resource.get("custom")) and resource["type"].partition(":")[0] in PROVIDERS


def _key(resource: dict[str, Any]) -> tuple[str, str]:
    return resource["type"], str(resource.get("id", ""))
