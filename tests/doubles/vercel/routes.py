"""Routes of a `config.json`: which ones match a request, and what they make of it.

https://vercel.com/docs/build-output-api/configuration#routes
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

Route = Mapping[str, Any]
FIRST = "first"
"""The phase before everything that a `handle` begins."""


@dataclass
class Journey:
    """A request on its way through the routes: what it asks for now, and what was decided."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    status: int | None = None
    given: dict[str, str] = field(default_factory=dict)
    """Headers of the response."""
    elsewhere: str = ""
    """The URL that the request is passed on to."""

    @property
    def redirects(self) -> bool:
        found = self.status is not None and 300 <= self.status < 400
        return found and any(name.lower() == "location" for name in self.given)


def phases(routes: list[Route]) -> dict[str, list[Route]]:
    """Sort routes by the phase that they belong to."""
    found: dict[str, list[Route]] = {FIRST: []}
    phase = FIRST
    for route in routes:
        if "handle" in route:
            phase = str(route["handle"])
            found.setdefault(phase, [])
        else:
            found[phase].append(route)
    return found


def travelled(journey: Journey, routes: list[Route]) -> Iterator[Route]:
    """Yield each route that matches, applied; whoever iterates may stop."""
    for route in routes:
        values = _values(journey, route)
        if values is None:
            continue
        journey.status = route.get("status", journey.status)
        for name, value in route.get("headers", {}).items():
            journey.given[name.lower()] = _filled(value, values)
        if dest := route.get("dest"):
            _go(journey, _filled(dest, values))
        yield route


def _go(journey: Journey, dest: str) -> None:
    path, _, query = dest.partition("?")
    journey.query = "&".join(filter(None, (query, journey.query)))
    if path.startswith(("http://", "https://")):
        journey.elsewhere = path + (f"?{journey.query}" if journey.query else "")
    else:
        journey.path = path


def _values(journey: Journey, route: Route) -> dict[str, str] | None:
    """Return what `$1` and `$name` stand for, or None where the route does not match."""
    found = _pattern(route["src"]).fullmatch(journey.path)
    if found is None or journey.method not in route.get("methods", (journey.method,)):
        return None
    values = {str(n): text or "" for n, text in enumerate(found.groups(), start=1)}
    values |= {name: text or "" for name, text in found.groupdict().items()}
    for condition in route.get("has", ()):
        met = _met(journey, condition)
        if met is None:
            return None
        values |= met
    if any(_met(journey, each) is not None for each in route.get("missing", ())):
        return None
    return values


def _met(journey: Journey, condition: Mapping[str, Any]) -> dict[str, str] | None:
    key = str(condition.get("key", ""))
    match condition["type"]:
        case "header":
            value = journey.headers.get(key.lower())
        case "query":
            value = dict(parse_qsl(journey.query, keep_blank_values=True)).get(key)
        case "host":
            value = journey.host
        case other:
            raise NotImplementedError(f"a condition on {other}")
    if value is None:
        return None
    if "value" not in condition:
        return {}
    found = _pattern(str(condition["value"])).fullmatch(value)
    return {k: v or "" for k, v in found.groupdict().items()} if found else None


@cache
def _pattern(source: str) -> re.Pattern[str]:
    # Written for JavaScript; a missing anchor is understood.
    return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", source))


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda match: values.get(match.group(1), match.group(0)), text)
