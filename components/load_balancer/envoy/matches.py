"""Which requests a route takes."""

from typing import Any
from urllib.parse import quote

from components.contract.desired import Audience
from components.contract.outputs import PROBE_FAILS, PROBE_HEADER, SLOT_HEADER, STICKY_COOKIES
from components.load_balancer.envoy.retries import SAFE_METHODS
from components.load_balancer.envoy.slots import SlotRoute

Match = dict[str, Any]


def path(prefix: str) -> Match:
    """Return what takes a path and everything below it."""
    return {"prefix": "/"} if prefix == "/" else {"path_separated_prefix": prefix}


def selected(match: Match, slot: SlotRoute) -> Match:
    """Return what takes requests that name the slot."""
    return _with_header(match, SLOT_HEADER, {"exact": slot["slot"]})


def failing(match: Match, slot: SlotRoute) -> Match:
    """Return what takes requests that are to fail, counted as the slot's."""
    return _with_header(selected(match, slot), PROBE_HEADER, {"exact": PROBE_FAILS})


def audience(match: Match, who: Audience) -> Match:
    """Return what takes the requests of chosen users."""
    if who.kind == "header":
        return _with_header(match, who.name, {"exact": who.value})
    return _with_cookie(match, who.name, who.value)


def sticky(match: Match, slot: SlotRoute) -> Match:
    """Return what takes requests of browsers that the slot's release has served before."""
    return _with_cookie(match, STICKY_COOKIES[slot["service"]], cookie_value(slot))


def safe(match: Match) -> Match:
    """Return what takes GET and HEAD alone."""
    return _with_header(match, ":method", {"safe_regex": {"regex": SAFE_METHODS}})


def set_cookie(slot: SlotRoute) -> str:
    """Return what keeps a browser, until it is closed, with the slot's release."""
    name, value = STICKY_COOKIES[slot["service"]], cookie_value(slot)
    return f"{name}={value}; Path=/; HttpOnly; Secure; SameSite=Lax"


def cookie_value(slot: SlotRoute) -> str:
    """Return a release's id as a cookie may carry it."""
    return quote(slot["release"] or "none", safe="+")


def _with_header(match: Match, name: str, value: dict[str, Any]) -> Match:
    wanted = {"name": name, "string_match": value}
    return {**match, "headers": [*match.get("headers", []), wanted]}


def _with_cookie(match: Match, name: str, value: str) -> Match:
    return {**match, "cookies": [{"name": name, "string_match": {"exact": value}}]}
