"""How the driver reaches a slot, whatever the weights are."""

from collections.abc import Mapping

import httpx

from automation.context import Context
from automation.probes.client import direct_client, public_client
from components.contract import outputs
from components.contract.desired import SlotName
from components.contract.platforms import FRONTENDS
from components.contract.release import ServiceName

Slots = Mapping[ServiceName, SlotName]


def slot_client(context: Context, slots: Slots, *, cookies: bool = False) -> httpx.Client:
    """Return a client of the address that leads to these slots.

    It is the public one with the slot's header; where the frontend's platform knows no such
    header, it is the URL of that slot itself, which passes the header on to the backend.
    """
    own = _own_url(context.outputs, slots)
    authority = context.outputs.get(outputs.CA_CERTIFICATE)
    base = own or _unopened(context, slots) or context.outputs[outputs.PUBLIC_URL]
    client = public_client(base, authority, cookies=cookies)
    client.headers[outputs.SLOT_HEADER] = next(iter(slots.values()))
    client.headers.update(context.access if own else {})
    return client


def everybodys_client(context: Context, service: ServiceName) -> httpx.Client:
    """Return a client that asks for a service as everybody does: at the public address.

    While that is not open yet, the backend is asked at its own.
    """
    slot = context.declared.service(service).live()
    base = _unopened(context, {service: slot}) if slot else None
    authority = context.outputs.get(outputs.CA_CERTIFICATE)
    return public_client(base or context.outputs[outputs.PUBLIC_URL], authority, cookies=False)


def replica_client(context: Context, service: ServiceName, slot: SlotName) -> httpx.Client:
    """Return a client that asks the endpoints of a slot for their health.

    Those on this machine are asked past any proxy, those elsewhere as anybody would reach them.
    """
    urls = endpoints(context.outputs, service, slot)
    if not any(url.startswith("https:") for url in urls):
        return direct_client()
    client = public_client(urls[0], context.outputs.get(outputs.CA_CERTIFICATE), cookies=False)
    client.headers[outputs.SLOT_HEADER] = slot
    client.headers.update(context.access if service == "frontend" else {})
    return client


def endpoints(found: Mapping[str, object], service: ServiceName, slot: SlotName) -> tuple[str, ...]:
    """Return the URLs by which the health of a slot is asked for; empty where nothing runs."""
    known = found.get(outputs.ENDPOINTS)
    slots = known.get(service) if isinstance(known, dict) else None
    return tuple(slots.get(slot) or ()) if isinstance(slots, dict) else ()


def _unopened(context: Context, slots: Slots) -> str | None:
    """Return the backend's own address while nothing answers at the public one.

    Of a platform elsewhere the public address leads to a frontend, which passes on what is for the
    backend: before the first frontend has traffic, it leads nowhere.
    """
    elsewhere = FRONTENDS[context.settings.frontend_platform].remote
    if not elsewhere or context.declared.frontend.live() is not None or "backend" not in slots:
        return None
    return next(iter(endpoints(context.outputs, "backend", slots["backend"])), None)


def _own_url(found: Mapping[str, object], slots: Slots) -> str | None:
    known = found.get(outputs.SLOT_URLS)
    for service, slot in slots.items():
        urls = known.get(service) if isinstance(known, dict) else None
        if isinstance(urls, dict) and urls.get(slot):
            return str(urls[slot])
    return None
