"""The load balancer: takes requests by the plugins' tables, and remembers what each slot served."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.doubles.plugins.cloud import Object
from tests.doubles.world.requests import HOP_BY_HOP, Answer, Request
from tests.doubles.world.routing import Rule, table

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Served:
    """One answer of a Service's pods: when, as seconds since the epoch, and in how many seconds."""

    service: str
    at: float
    status: int
    seconds: float


@dataclass
class Balancer:
    """`ports` says where a Service leads to, None while none of its pods is ready."""

    ports: Callable[[str, list[Object]], int | None]
    served: list[Served] = field(default_factory=list)
    _held: tuple[list[Object], list[Rule]] = field(default_factory=lambda: ([], []))
    _here: threading.local = field(default_factory=threading.local)

    @property
    def objects(self) -> list[Object]:
        """Return what holds now."""
        return self._held[0]

    def learn(self, objects: list[Object]) -> None:
        """Take what holds now."""
        self._held = (objects, table(objects))

    def __call__(self, request: Request) -> Answer:
        """Answer a request for the backend's host name."""
        objects, rules = self._held
        rule = next((each for each in rules if each.takes(request)), None)
        if rule is None:
            return Answer.text(404, "no rule takes this")
        if rule.answer is not None:
            return rule.answer
        share = rule.chosen()
        port = self.ports(share.service, objects) if share else None
        if share is None or port is None:
            return Answer.text(503, "no healthy target")
        began = time.time()
        answer = self._forwarded(request.at(rule.rewritten(request.path)), port)
        seconds = time.time() - began
        self.served.append(Served(share.service, began, answer.status, seconds))
        return answer.with_headers(share.settled, share.added)

    def _forwarded(self, request: Request, port: int) -> Answer:
        headers = {k: v for k, v in request.headers.items() if k not in HOP_BY_HOP}
        headers |= {"x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7"}
        known: dict[int, http.client.HTTPConnection]
        known = self._here.__dict__.setdefault("connections", {})
        for attempt in range(2):
            connection = known.get(port)
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
                known[port] = connection
            try:
                connection.request(request.method, request.target, request.body or None, headers)
                got = connection.getresponse()
                body = got.read()
            except (OSError, http.client.HTTPException):
                known.pop(port).close()
                # only an idle connection that its server has closed is worth another one
                if attempt:
                    return Answer.text(502, "bad gateway")
                continue
            kept = tuple((n.lower(), v) for n, v in got.getheaders() if n.lower() not in HOP_BY_HOP)
            without = tuple(each for each in kept if each[0] != "content-length")
            return Answer(got.status, body, without)
        raise AssertionError("not reached")
