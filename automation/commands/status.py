"""`slipway status`: what is live, whether it is healthy, and how to get back."""

from typing import Any

import httpx

from automation import lock, site
from automation.commands.output import Output
from automation.context import Context
from automation.probes.client import direct_client
from automation.session import open_environment
from automation.way_back import previous
from components.contract import outputs
from components.contract.desired import SLOTS, SlotName
from components.contract.release import SERVICES, Release, ServiceName


def status(environment: str, as_json: bool) -> int:
    """Print what is live. Return 0 where it answers, 1 where it does not, or nothing is live."""
    out = Output(as_json)
    context, _ = open_environment(environment, out.listener, out.redactor, recorded=False)
    found = observe(context)
    if as_json:
        out.data(found)
    else:
        out.text("\n".join(lines(found)))
    return 0 if found["healthy"] else 1


def observe(context: Context) -> dict[str, Any]:
    """Ask everything now; nothing is taken from memory but what the stack says."""
    state, release = context.live, context.live.live_release()
    services = {name: _service(context, name) for name in SERVICES}
    answered = {
        name: site.answers(context.outputs, release, name)
        for name in SERVICES
        if release is not None and release.artifact(name) is not None
    }
    back = previous(state)
    return {
        "environment": context.environment,
        "release": release.id if release else None,
        "version": release.version if release else None,
        "commit": release.commit if release else None,
        "url": context.outputs.get(outputs.PUBLIC_URL),
        "ca_certificate": context.outputs.get(outputs.CA_CERTIFICATE),
        "healthy": bool(answered) and all(answered.values()),
        "answers": answered,
        "services": {name: slots for name, slots in services.items() if slots},
        "alembic_head": state.alembic_head,
        "deploying": lock.current(context.home.environment(context.environment)),
        "unfinished": state.rollout.model_dump() if state.rollout else None,
        "way_back": back.id if back else None,
    }


def _service(context: Context, name: ServiceName) -> dict[str, Any]:
    slots = context.live.service(name)
    held = {slot: slots.slot(slot) for slot in SLOTS if slots.slot(slot).release}
    return {
        slot: {
            "release": content.release,
            "weight": content.weight,
            "replicas": content.replicas,
            "ready": _ready(context, name, slot, context.live.releases[content.release or ""]),
        }
        for slot, content in held.items()
    }


def _ready(context: Context, name: ServiceName, slot: SlotName, release: Release) -> int:
    artifact = release.artifact(name)
    urls = context.outputs.get(outputs.ENDPOINTS, {}).get(name, {}).get(slot, [])
    if artifact is None:
        return 0
    path = artifact.ready_path or artifact.health_path or "/"
    with direct_client() as client:
        return sum(_is_ready(client, f"{url}{path}") for url in urls)


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return bool(client.get(url).status_code == 200)
    except httpx.HTTPError:
        return False


def lines(found: dict[str, Any]) -> list[str]:
    """Return the answer as lines for people."""
    if found["release"] is None:
        text = [f"Nothing is live in {found['environment']}."]
    else:
        verdict = "healthy" if found["healthy"] else "NOT HEALTHY"
        text = [f"{found['environment']}: {found['release']}, {verdict}", f"  {found['url']}"]
    for name, slots in found["services"].items():
        for slot, held in slots.items():
            ready = f"{held['ready']} of {held['replicas']} ready"
            text.append(f"  {name:<9}{slot:<6}{held['weight']:>4} %  {held['release']}  {ready}")
    if found["deploying"]:
        text.append(f"  deploying now: {found['deploying']}")
    elif found["unfinished"]:
        left = found["unfinished"]
        text.append(
            f"  unfinished: {left['deployment']} stopped at step {left['step']} of {left['steps']};"
            f" `./slipway up {found['environment']}` goes back and on"
        )
    if found["way_back"]:
        text.append(f"  way back: ./slipway rollback {found['environment']}  → {found['way_back']}")
    return text
