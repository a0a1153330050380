"""Prometheus' answers to the questions of the driver, from what the load balancer saw served.

Each Service counts as one replica that is scraped without delay.
"""

import json
import re
import time
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.values import at
from tests.doubles.web import Asked, Reply
from tests.doubles.world.balancer import Balancer, Served

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METRIC = re.compile(r"\b(up|http_requests_total|http_request_duration\w*_bucket)\{")
Vector = list[tuple[dict[str, str], float]]


@dataclass(frozen=True)
class Prometheus:
    """Answers `POST /api/v1/query` and `GET /api/v1/rules`."""

    balancer: Balancer

    def __call__(self, asked: Asked) -> Reply:
        """Answer one question."""
        match asked.path.partition("?")[0]:
            case "/api/v1/rules":
                return self._rules()
            case "/api/v1/query":
                return self._answer(asked)
        return Reply(404, "{}")

    def _rules(self) -> Reply:
        """Tell what the operator would have loaded; nothing is ever wrong here."""
        groups = [
            {
                "name": group["name"],
                "rules": [
                    {"name": rule["alert"], "state": "inactive", "health": "ok"}
                    for rule in group["rules"]
                ],
            }
            for each in self.balancer.objects
            if each.type.endswith(":PrometheusRule")
            for group in each.inputs["spec"]["groups"]
        ]
        return Reply(200, json.dumps({"status": "success", "data": {"groups": groups}}))

    def _answer(self, asked: Asked) -> Reply:
        [query] = urllib.parse.parse_qs(asked.body.decode())["query"]
        named = METRIC.search(query)
        if named is None:
            return Reply(400, json.dumps({"status": "error", "error": "not known here"}))
        result = [
            {"metric": labels, "value": [time.time(), str(value)]}
            for labels, value in self._vector(named.group(1))
        ]
        data = {"resultType": "vector", "result": result}
        return Reply(200, json.dumps({"status": "success", "data": data}))

    def _vector(self, metric: str) -> Vector:
        slots = {"backend-blue": "blue", "backend-green": "green"}
        served = [*self.balancer.served]
        found: Vector = []
        for service, slot in slots.items():
            own = [each for each in served if each.service == service]
            found += _of(metric, slot, own)
        return found


def _groups(objects: Iterable[Object]) -> Iterator[dict[str, Any]]:
    for each in objects:
        if each.type.endswith(":PrometheusRule"):
            for group in at(each.inputs, "spec.groups") or ():
                told = {"state": "inactive", "health": "ok", "type": "alerting"}
                rules = [{"name": rule["alert"], **told} for rule in group["rules"]]
                yield {"name": group["name"], "rules": rules}


def _of(metric: str, slot: str, served: Iterable[Served]) -> Vector:
    labels = {"slot": slot, "pod": f"backend-{slot}-0", "instance": "10.0.0.1:8000"}
    own = [*served]
    if metric == "up":
        return [({"slot": slot}, 1.0)]
    if metric == "http_requests_total":
        classes = sorted({each.status // 100 for each in own} | {2})
        return [
            ({**labels, "status": f"{c}xx"}, sum(each.status // 100 == c for each in own))
            for c in classes
        ]
    bounds = [(str(bound), bound) for bound in BOUNDS] + [("+Inf", float("inf"))]
    return [
        ({**labels, "le": le}, sum(each.seconds <= bound for each in own)) for le, bound in bounds
    ]
