"""The HTTPRoute of the backend: which slot answers for which request. Pure.

Where rules say the same of paths, the Gateway API prefers those that ask for a header to those
that do not, and among equals the first: https://gateway-api.sigs.k8s.io/reference/spec/.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from components.contract.desired import SLOTS, Audience, DesiredState, SlotName
from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER, STICKY_COOKIES

Spec = dict[str, Any]
PORT = 80
NOBODY: Spec = {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}
"""A rule without backends: every request is answered with an error."""


@dataclass(frozen=True, kw_only=True)
class BackendSlot:
    """What a route must know of one slot. `service` is its Service in the namespace of the route;
    `paths` are asked for exactly, beside everything below `route`."""

    slot: SlotName
    service: str
    release: str
    weight: int
    replicas: int
    audience: Audience | None
    route: str
    strip: bool
    paths: tuple[str, ...]

    @property
    def cookie(self) -> str:
        """Return the release's id as a cookie may carry it."""
        return quote(self.release, safe="+")


def backend_slots(state: DesiredState, services: Mapping[SlotName, str]) -> list[BackendSlot]:
    """Return what a route must know of the slots that hold a release."""
    found = []
    for slot in SLOTS:
        held = state.backend.slot(slot)
        release = state.releases.get(held.release or "")
        if release is None or (artifact := release.backend) is None:
            continue
        asked = {path for path in (artifact.health_path, artifact.ready_path) if path}
        found.append(
            BackendSlot(
                slot=slot,
                service=services[slot],
                release=release.id,
                weight=held.weight,
                replicas=held.replicas,
                audience=held.audience,
                route=artifact.route,
                strip=artifact.strip_route and artifact.route != "/",
                paths=tuple(sorted(path for path in asked if not _below(path, artifact.route))),
            )
        )
    return found


def rules(slots: list[BackendSlot], *, sticky: bool) -> list[Spec]:
    """Return the rules of the route, never a backend that alone has weight 0.

    A slot that the request names comes before the audiences, these before the release that served
    the browser last, and this before the weights. With `sticky`, browsers are told which it was.
    """
    table: list[Spec] = []
    for route in sorted({slot.route for slot in slots}, key=lambda path: (-len(path), path)):
        there = [slot for slot in slots if slot.route == route]
        for header, held, remembered in _chosen(there, sticky=sticky):
            table += _taking(route, header, held, remembered=remembered)
    return table or [NOBODY]


def _below(path: str, route: str) -> bool:
    return route == "/" or path == route or path.startswith(f"{route.rstrip('/')}/")


def _chosen(
    slots: list[BackendSlot], *, sticky: bool
) -> Iterator[tuple[Spec | None, list[BackendSlot], bool]]:
    """Yield the header that a request has to have, the slots that get it, and whether the answer
    says which it was: while one has all traffic, a cookie would only keep answers out of caches.
    """
    serving = [slot for slot in slots if slot.weight]
    split = sticky and len(serving) > 1
    for slot in slots:
        if slot.replicas:
            yield {"name": SLOT_HEADER, "value": slot.slot}, [slot], False
    for slot in slots:
        if slot.audience is not None and slot.replicas:
            yield _audience(slot.audience), [slot], False
    if split:
        for slot in serving:
            yield _cookie(STICKY_COOKIES["backend"], slot.cookie), [slot], False
    if serving:
        yield None, serving, split


def _audience(who: Audience) -> Spec:
    if who.kind == "header":
        return {"name": who.name, "value": who.value}
    return _cookie(who.name, who.value)


def _cookie(name: str, value: str) -> Spec:
    pattern = rf"^(.*;\s*)?{re.escape(name)}={re.escape(value)}(\s*;.*)?$"
    return {"type": "RegularExpression", "name": "Cookie", "value": pattern}


def _taking(
    route: str, header: Spec | None, slots: list[BackendSlot], *, remembered: bool
) -> Iterator[Spec]:
    """Yield rules: one for all paths, or two where only those below the route lose its prefix.

    The Gateway API rewrites by rule: where slots differ, most of the traffic decides.
    """
    most = max(slots, key=lambda slot: slot.weight)
    headers = {"headers": [{"type": "Exact", **header}]} if header else {}
    backends = [_backend(slot, remembered=remembered, alone=len(slots) == 1) for slot in slots]
    below: Spec = {"path": {"type": "PathPrefix", "value": route}, **headers}
    exact = [{"path": {"type": "Exact", "value": path}, **headers} for path in most.paths]
    if not most.strip:
        yield {"matches": [*exact, below], "backendRefs": backends}
        return
    if exact:
        yield {"matches": exact, "backendRefs": backends}
    rewrite = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}
    filters = [{"type": "URLRewrite", "urlRewrite": rewrite}]
    yield {"matches": [below], "filters": filters, "backendRefs": backends}


def _backend(slot: BackendSlot, *, remembered: bool, alone: bool) -> Spec:
    modified: Spec = {"set": [{"name": RELEASE_HEADER, "value": slot.release}]}
    if remembered:
        told = f"{STICKY_COOKIES['backend']}={slot.cookie}; Path=/; HttpOnly; Secure; SameSite=Lax"
        modified["add"] = [{"name": "Set-Cookie", "value": told}]
    return {
        "group": "",
        "kind": "Service",
        "name": slot.service,
        "port": PORT,
        "weight": 1 if alone else slot.weight,
        "filters": [{"type": "ResponseHeaderModifier", "responseHeaderModifier": modified}],
    }
