"""`slipway status`: what is live, whether it is healthy, and how to get back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import httpx

from automation import leftovers, lock, site
from automation.commands.output import Output
from automation.commands.status_text import lines
from automation.context import Context
from automation.freezing import describe
from automation.hold import elsewhere
from automation.reaching import endpoints, replica_client
from automation.schema.contracting import outstanding
from automation.session import open_environment
from automation.standing import standing
from automation.way_back import previous
from components.contract import outputs
from components.contract.desired import SLOTS, Rollout, SlotName
from components.contract.release import SERVICES, Release, ServiceName

WORKERS = 16
"""Everybody is asked at once: what hangs keeps nobody else waiting."""


def status(environment: str, drift: bool, as_json: bool) -> int:
    """Print what is live. Return 0 where it answers, 1 where it does not, or nothing is live.

    With `drift`, the engine asks everything what it is, and says what differs.
    """
    out = Output(as_json)
    context, _ = open_environment(environment, out.listener, out.redactor, recorded=False)
    found = observe(context)
    if drift and context.outputs:
        with out.redacted_errors():
            differs = context.engine.drift(context.live).resources
        found["drift"] = [{"operation": op, "urn": urn} for op, urn in differs]
    if as_json:
        out.data(found)
    else:
        out.text("\n".join(lines(found)))
    return 0 if found["healthy"] else 1


def observe(context: Context) -> dict[str, Any]:
    """Ask everything now; nothing is taken from memory but what the stack says."""
    context.live = state = standing(context)
    release = state.live_release()
    folder = context.home.environment(context.environment)
    deploying = lock.current(folder) or elsewhere(context)
    left = None if deploying else leftovers.updating(folder)
    answered, services = _asked(context, release)
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
        "services": services,
        "alembic_head": state.alembic_head,
        "contracting": list(outstanding(state)),
        "freeze": state.freeze.model_dump() if state.freeze else None,
        "frozen": describe(state),
        "deploying": deploying,
        "lock": asdict(holder) if (holder := lock.holder(folder)) else None,
        "left_at_work": left.pid if left else None,
        "unfinished": _unfinished(context, state.rollout) if state.rollout else None,
        "way_back": back.id if back else None,
    }


def _unfinished(context: Context, rollout: Rollout) -> dict[str, Any]:
    """Return the rollout under way or left, and what the next command does with it."""
    environment, back = context.environment, rollout.back_to or "nothing live"
    resumes = context.settings.unfinished == "resume" and rollout.step > 0
    up = f"`./slipway up {environment}` goes back to {back} first"
    if resumes:
        up = f"`./slipway up {environment}` goes on with {rollout.target}, any other goes back"
    return {
        **rollout.model_dump(),
        "next": f"{up}; `./slipway rollback {environment}` goes back to {back}",
    }


def _asked(
    context: Context, release: Release | None
) -> tuple[dict[ServiceName, bool], dict[ServiceName, dict[str, Any]]]:
    """Return whether each service answers in public, and what its slots hold and are ready."""
    with ThreadPoolExecutor(WORKERS) as pool, ExitStack() as clients:
        answers = {
            name: pool.submit(site.answers, context.outputs, release, name, _sharing(context, name))
            for name in SERVICES
            if release is not None and release.artifact(name) is not None
        }
        ready = {
            (name, slot): [
                pool.submit(_is_ready, clients.enter_context(client), url)
                for client, url in _asking(context, name, slot)
            ]
            for name in SERVICES
            for slot in SLOTS
        }
        services: dict[ServiceName, dict[str, Any]] = {}
        for (name, slot), asked in ready.items():
            held = context.live.service(name).slot(slot)
            if held.release is not None:
                services.setdefault(name, {})[slot] = {
                    "release": held.release,
                    "weight": held.weight,
                    "replicas": held.replicas,
                    **_seen([one.result() for one in asked], held.replicas),
                }
        return {name: answer.result() for name, answer in answers.items()}, services


def _sharing(context: Context, name: ServiceName) -> set[str]:
    """Return the releases that anybody may meet while a rollout is on its way."""
    slots = context.live.service(name)
    return {held.release for each in SLOTS if (held := slots.slot(each)).weight and held.release}


def _seen(ready: list[bool], replicas: int) -> dict[str, Any]:
    """Return how many replicas are ready; None where one URL stands for all, which answers."""
    told = None if len(ready) < replicas else sum(ready)
    return {"ready": told, "answers": bool(ready) and all(ready)}


def _asking(
    context: Context, name: ServiceName, slot: SlotName
) -> Iterator[tuple[httpx.Client, str]]:
    """Yield whom to ask for each replica's readiness, and where."""
    held = context.live.service(name).slot(slot)
    artifact = context.live.releases[held.release].artifact(name) if held.release else None
    if artifact is None:
        return
    path = artifact.ready_path or artifact.health_path or "/"
    for base in endpoints(context.outputs, name, slot):
        yield replica_client(context, name, slot), f"{base}{path}"


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return bool(client.get(url).status_code == httpx.codes.OK)
    except httpx.HTTPError:
        return False
