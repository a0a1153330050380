"""What Vercel's edge does with a prebuilt folder: routes, files, functions, and other origins."""

import http.client
import json
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.doubles.closing import Closing
from tests.doubles.vercel.functions import Functions
from tests.doubles.vercel.routes import FIRST, Journey, phases, travelled
from tests.doubles.web import Asked, Reply, Web

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "content-length"})
REVALIDATED = "public, max-age=0, must-revalidate"


@dataclass(frozen=True)
class Served:
    """An answer; names of headers are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


Forward = Callable[[str, str, Mapping[str, str], bytes], Served]
"""Passes a request on: method, URL, headers and body."""


class Site(Closing):
    """One deployment, from the folder that holds its `.vercel/output`.

    `variables` are what its functions are given. `forward` reaches other origins.
    """

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str] | None = None,
        forward: Forward | None = None,
    ) -> None:
        self._output = folder / ".vercel" / "output"
        config: dict[str, Any] = json.loads((self._output / "config.json").read_text())
        self._phases = phases(config.get("routes", []))
        self._files = dict(self._listed(config.get("overrides", {})))
        self._functions = Functions(folder, variables or {})
        self._forward = forward or passed_on

    def close(self) -> None:
        self._functions.close()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Served:
        """Answer a request; names of its headers are in lower case."""
        parts = urlsplit(target)
        host = headers.get("host", "")
        journey = Journey(method, host, unquote(parts.path) or "/", parts.query, headers)
        found = self._routed(journey)
        if journey.redirects:
            return Served(journey.status or 308, tuple(journey.given.items()))
        if journey.elsewhere:
            served = self._forward(method, journey.elsewhere, headers, body)
        elif found is None:
            return self._missing(journey)
        else:
            for _ in travelled(journey, self._phases.get("hit", [])):
                pass
            served = self._made(found, journey, body)
        return _with(served, journey)

    def _routed(self, journey: Journey) -> Path | None:
        for route in travelled(journey, self._phases[FIRST]):
            if journey.elsewhere or not route.get("continue"):
                break
        if journey.elsewhere or journey.redirects:
            return None
        found = self._find(journey.path)
        for phase in ("filesystem", "resource", "miss", "rewrite"):
            if found is not None:
                break
            for route in travelled(journey, self._phases.get(phase, [])):
                found = self._find(journey.path)
                ends = not route.get("continue") and not route.get("check")
                if journey.elsewhere or journey.redirects or found is not None or ends:
                    break
            if journey.status == 404 and phase == "resource":
                journey.status = None
        return found

    def _find(self, path: str) -> Path | None:
        name = path.strip("/")
        for each in (name, f"{name}/index".strip("/"), f"{name}/index.html".strip("/")):
            if each in self._files:
                return self._files[each]
        return None

    def _made(self, found: Path, journey: Journey, body: bytes) -> Served:
        if found.suffix == ".func":
            return self._run(found, journey, body)
        prerender = found.name.endswith(".prerender-config.json")
        if prerender:
            config = json.loads(found.read_text())
            given = {k.lower(): v for k, v in config.get("initialHeaders", {}).items()}
            file = found.parent / config["fallback"]["fsPath"]
            given.setdefault(
                "content-type", mimetypes.guess_type(file.name)[0] or "text/x-component"
            )
            return Served(config.get("initialStatus", 200), tuple(given.items()), file.read_bytes())
        kind = self._types.get(found) or mimetypes.guess_type(found.name)[0]
        headers = {"content-type": kind or "application/octet-stream", "cache-control": REVALIDATED}
        return Served(200, tuple(headers.items()), found.read_bytes())

    def _run(self, found: Path, journey: Journey, body: bytes) -> Served:
        query = f"?{journey.query}" if journey.query else ""
        url = f"http://127.0.0.1:{self._functions.port(found)}{journey.path}{query}"
        headers = {
            **journey.headers,
            "x-forwarded-host": journey.host,
            "x-forwarded-proto": "https",
        }
        return passed_on(journey.method, url, headers, body)

    def _missing(self, journey: Journey) -> Served:
        for route in self._phases.get("error", []):
            if route.get("status") == 404:
                for _ in travelled(journey, [route]):
                    found = self._find(journey.path)
                    if found is not None:
                        journey.status = 404
                        return _with(self._made(found, journey, b""), journey)
        text = b"The page could not be found\n\nNOT_FOUND"
        return _with(Served(404, (("content-type", "text/plain"),), text), journey)

    def _listed(self, overrides: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Path]]:
        static, functions = self._output / "static", self._output / "functions"
        self._types: dict[Path, str] = {}
        for path in static.rglob("*"):
            if path.is_file():
                name = str(path.relative_to(static))
                said = overrides.get(name, {})
                if "contentType" in said:
                    self._types[path] = said["contentType"]
                yield said.get("path", name), path
        for path in functions.rglob("*.func"):
            yield str(path.relative_to(functions)).removesuffix(".func"), path
        # Prerendered pages are asked for before the functions that would make them again.
        suffix = ".prerender-config.json"
        for path in functions.rglob(f"*{suffix}"):
            yield str(path.relative_to(functions)).removesuffix(suffix), path


def passed_on(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Served:
    """Ask another server on this machine, or elsewhere."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=30)
    try:
        sent = {name: value for name, value in headers.items() if name not in HOP_BY_HOP}
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, {**sent, "host": parts.netloc})
        answer = connection.getresponse()
        given = tuple((name.lower(), value) for name, value in answer.getheaders())
        kept = tuple(each for each in given if each[0] not in HOP_BY_HOP)
        return Served(answer.status, kept, answer.read())
    except OSError:
        return Served(502, (("content-type", "text/plain"),), b"ROUTER_EXTERNAL_TARGET_ERROR")
    finally:
        connection.close()


def _with(served: Served, journey: Journey) -> Served:
    kept = tuple(each for each in served.headers if each[0] not in journey.given)
    status = journey.status if journey.status and not journey.elsewhere else served.status
    return Served(status, (*kept, *journey.given.items()), served.body)


@contextmanager
def serve(folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve a prebuilt folder on a free port of this machine; give the base URL."""

    def respond(asked: Asked) -> Reply:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        return replied(site.answer(asked.method, asked.path, headers, asked.body))

    with Site(folder, variables) as site, Web(respond) as web:
        yield web.url


def replied(served: Served) -> Reply:
    """Return an answer as the server of tests sends it."""
    return Reply(served.status, served.body, dict(served.headers))
