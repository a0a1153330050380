"""Where a deployment is observed: clients and gates for what the stack's outputs name."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from automation import running
from automation.context import Context
from automation.gates.base import Context as GateContext
from automation.gates.base import GateResult
from automation.gates.health import HealthGate
from automation.gates.served import ServedGate
from automation.probes.client import public_client
from automation.probes.load import run_load
from automation.reaching import endpoints, everybodys_client, replica_client, slot_client
from automation.smoke.reach import leads_to
from components.contract import outputs
from components.contract.desired import SlotName
from components.contract.release import Artifact, Release, ServiceName

LOG_TAIL_LINES = 8
SERVER_ERROR = 500
EVERY_SECONDS = 0.2
WARM_UP_REQUESTS = 10
"""For each replica: enough for a pool of connections and for what is loaded on first use."""
WARM_UP_SECONDS = 10.0


def client(found: Mapping[str, Any], *, cookies: bool = False) -> httpx.Client:
    """Return a client of the public address that the stack's outputs name."""
    authority = found.get(outputs.CA_CERTIFICATE)
    return public_client(found[outputs.PUBLIC_URL], authority, cookies=cookies)


def path_of(artifact: Artifact) -> str:
    """Return a path that the public address leads to a service by, its health where possible.

    A backend's health path is outside its route as often as not: then the route itself is asked,
    where any answer names the release that gave it.
    """
    path = artifact.ready_path or artifact.health_path
    if artifact.strip_route:
        return f"{artifact.route.rstrip('/')}{path or '/'}"
    inside = path is not None and (path + "/").startswith(artifact.route.rstrip("/") + "/")
    return path if inside and path else artifact.route


def safe_paths(declared: Sequence[str]) -> list[str]:
    """Return the paths of a specification's `load`, whose entries are `/path` or `GET /path`."""
    return [entry.split(" ", 1)[-1] for entry in declared]


def paths_to(context: Context, release: Release, service: ServiceName) -> list[str]:
    """Return safe paths that lead to a service: the specification's load, else its health."""
    artifact = release.artifact(service)
    if artifact is None:
        raise ValueError(f"release {release.id} has no {service}")
    found = context.specification
    paths = safe_paths(found.load if found else ())
    return [path for path in paths if leads_to(release, path) == service] or [path_of(artifact)]


def health(
    context: Context,
    release: Release,
    service: ServiceName,
    slot: SlotName,
    *,
    seconds: float | None = None,
) -> GateResult:
    """Wait until every replica of a slot is ready, or say which is not.

    `seconds` are for replicas that should be ready already: once is enough for them.
    """
    artifact = release.artifact(service)
    if artifact is None:
        raise ValueError(f"release {release.id} has no {service}")
    replicas = endpoints(context.outputs, service, slot)
    gate = HealthGate(
        path=artifact.ready_path or artifact.health_path,
        successes=context.settings.health_successes if seconds is None else 1,
        deadline_seconds=seconds
        or max(context.settings.health_timeout_seconds, artifact.start_seconds),
        every=EVERY_SECONDS,
    )
    with replica_client(context, service, slot) as direct:
        seen = GateContext(
            clock=context.clock,
            replicas=replicas,
            direct=direct,
            slot=slot,
            release=release.id,
            alive=lambda: "interrupted" if context.interruption.cancelled.is_set() else None,
            progress=lambda ready, total: context.events.progress(
                f"{service} {slot}: {ready} of {total} replicas ready"
            ),
        )
        return gate.evaluate(seen)


def served(
    context: Context, release: Release, service: ServiceName, slot: SlotName | None
) -> GateResult:
    """See the public address answer with a release; by header where a slot is named."""
    artifact = release.artifact(service)
    if artifact is None:
        raise ValueError(f"release {release.id} has no {service}")
    context.events.progress(f"{service}: served by {release.id}?")
    asked = slot_client(context, {service: slot}) if slot else everybodys_client(context, service)
    with asked as public:
        seen = GateContext(clock=context.clock, public=public, slot=slot, release=release.id)
        return ServedGate(path=path_of(artifact)).evaluate(seen)


def warm(context: Context, release: Release, service: ServiceName, slot: SlotName) -> None:
    """Send an idle slot its first requests, so that its first users do not wait for it."""
    artifact = release.artifact(service)
    replicas = context.declared.service(service).slot(slot).replicas
    if artifact is None or context.declared.service(service).slot(slot).weight:
        return
    context.events.progress(f"warming up {service} {slot}")
    with slot_client(context, {service: slot}) as public:
        run_load(
            public,
            paths_to(context, release, service),
            requests=WARM_UP_REQUESTS * replicas,
            limit=WARM_UP_SECONDS,
            clock=context.clock,
        )


def log_tail(context: Context, service: ServiceName, slot: SlotName) -> tuple[str, ...]:
    """Return the last lines of the log of a slot's first replica, redacted; empty without one."""
    run = context.outputs.get(outputs.RUN_DIRECTORY)
    path = Path(run) / "logs" / f"{service}-{slot}-0.log" if run else None
    if path is None or not path.exists():
        return ()
    # What an earlier release wrote in the same slot would tell of another failure.
    lines = running.written(context, path)[-LOG_TAIL_LINES:]
    return tuple(context.redactor.text(line) for line in lines)


def answers(
    found: Mapping[str, Any], release: Release, service: ServiceName, among: Collection[str] = ()
) -> bool:
    """Tell whether a single request is answered by a release, without a server error.

    `among` names the releases that may answer as well: those that share the traffic.
    """
    artifact = release.artifact(service)
    if artifact is None or not found.get(outputs.PUBLIC_URL):
        return False
    try:
        with client(found) as public:
            answer = public.get(path_of(artifact))
    except (httpx.HTTPError, OSError):
        return False
    named = answer.headers.get(outputs.RELEASE_HEADER)
    return answer.status_code < SERVER_ERROR and (named == release.id or named in among)
