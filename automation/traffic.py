"""Give the traffic back at once, where the load balancer has the table of the way back ready."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import httpx

from automation.polling import Clock, wait_until
from automation.probes.client import direct_client
from components.contract import outputs as names
from components.contract.files import replace

APPLIED_SECONDS = 1.0
ASKED_EVERY_SECONDS = 0.005
VERSION = re.compile(r'http\.\w+\.rds\.routes\.version_text: "(.*)"')


def divert(outputs: Mapping[str, object], clock: Clock) -> bool:
    """Return whether all traffic was seen to go back.

    The table on standby takes the place of the one that holds, in one move, and stays on standby.
    False where there is none, or where not every listener was seen to use it within a second; then
    the engine's slower way is to be taken, which is right whatever happened here.
    """
    table, standby, statistics = (
        outputs.get(name)
        for name in (names.EDGE_TABLE, names.EDGE_STANDBY, names.EDGE_STATISTICS_URL)
    )
    if not table or not standby or not statistics:
        return False
    try:
        text = Path(str(standby)).read_text()
        version = str(json.loads(text)["version_info"])
        replace(Path(str(table)), text)
    except (OSError, ValueError, LookupError, TypeError):
        return False
    with direct_client(timeout=APPLIED_SECONDS) as client:
        applied = wait_until(
            lambda: _versions(client, str(statistics)),
            accept=lambda found: found == {version},
            deadline=clock.time() + APPLIED_SECONDS,
            clock=clock,
            every=ASKED_EVERY_SECONDS,
        )
    return applied == {version}


def diverted(outputs: Mapping[str, object]) -> bool:
    """Tell whether the table on standby holds: a driver that has died since was going back."""
    table, standby = outputs.get(names.EDGE_TABLE), outputs.get(names.EDGE_STANDBY)
    if not table or not standby:
        return False
    try:
        return Path(str(table)).read_text() == Path(str(standby)).read_text()
    except (OSError, ValueError):
        return False


def _versions(client: httpx.Client, base_url: str) -> set[str]:
    """Return the versions that the listeners use, empty where that cannot be seen."""
    try:
        answer = client.get(f"{base_url}/stats", params={"filter": r"rds\.routes\.version_text$"})
    except (httpx.HTTPError, httpx.InvalidURL):
        return set()
    return set(VERSION.findall(answer.text))
