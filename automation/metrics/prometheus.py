"""What replicas count themselves, as a Prometheus has scraped it."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from automation.metrics.base import SlotTraffic, SourceUnavailable, Traffic
from automation.metrics.growth import Growth, Series
from automation.metrics.latency import Band, Latencies
from automation.polling import SystemClock
from automation.probes.exchange import NoAnswer, describe, exchange
from components.contract.desired import SLOTS, SlotName
from components.contract.statistics import NotAnAddress, PrometheusAddress

SCRAPES = ",".join(f'{label}!~".*/metrics/?"' for label in ("handler", "route", "path"))
"""Leaves out Prometheus' own requests, whatever a library calls the label."""
REPLICA = "slot, pod, instance"
TIMES = ("http_request_duration_highr_seconds_bucket", "http_request_duration_seconds_bucket")
"""Fine buckets for all routes, as instrumentators of FastAPI have them, else those by route."""


class PrometheusSource:
    """Asks the API of a Prometheus, whose URL is a PrometheusAddress.

    It sees what reached a replica and was answered: not what never got there, and not what broke
    off on the way back. Probes of the cluster count like any other request.
    """

    lag_seconds: ClassVar[float] = 25.0
    """A replica is scraped every 15 s, and a scrape may take 10."""
    fails_on_purpose: ClassVar[bool] = False

    def __init__(self, base_url: str, client: httpx.Client) -> None:
        self._url = base_url
        self._client = client
        self._answers = Growth(("slot", "status"))
        self._times = Growth(("slot", "le"))

    def traffic(self) -> Traffic:
        """Return the traffic of the backend's slots that have a replica which is scraped."""
        try:
            address = PrometheusAddress.parse(self._url)
        except NotAnAddress as error:
            raise SourceUnavailable(str(error)) from error
        own = f'app="{address.application}",env="{address.environment}"'
        up = self._ask(address.base_url, f"sum by (slot) (up{{{own}}})")
        known = {dict(series).get("slot") for series, value in up.items() if value > 0}
        self._answers.take(self._ask(address.base_url, _requests(own)))
        self._times.take(self._ask(address.base_url, _times(own)))
        return {("backend", slot): self._slot(slot) for slot in SLOTS if slot in known}

    def _slot(self, slot: SlotName) -> SlotTraffic:
        answers = {
            status: round(count) for (of, status), count in self._answers.sums.items() if of == slot
        }
        if any(not status[:1].isdigit() for status in answers):
            raise SourceUnavailable(
                "Prometheus: http_requests_total has no label `status` with the code or its class, "
                "such as 200 or 2xx: failures could not be told"
            )
        buckets = {le: count for (of, le), count in self._times.sums.items() if of == slot}
        return SlotTraffic(
            requests=sum(answers.values()),
            failed=sum(count for status, count in answers.items() if status.startswith("5")),
            refused=sum(count for status, count in answers.items() if status.startswith("4")),
            latencies=_bands(buckets),
        )

    def _ask(self, base_url: str, query: str) -> Mapping[Series, float]:
        try:
            # In the body: a query is longer than what some proxies take in a URL.
            request = self._client.build_request(
                "POST", f"{base_url}/api/v1/query", data={"query": query}
            )
            answer = exchange(self._client, request, clock=SystemClock())
            body = answer.json() if answer.status == 200 else None
        except (NoAnswer, httpx.InvalidURL) as error:
            raise SourceUnavailable(f"Prometheus: {describe(error)}") from error
        except ValueError as error:
            raise SourceUnavailable("Prometheus: the answer is not JSON") from error
        if body is None:
            raise SourceUnavailable(f"Prometheus: status {answer.status}")
        try:
            return _vector(body)
        except (KeyError, TypeError, ValueError) as error:
            raise SourceUnavailable("Prometheus: the answer has another shape") from error


def _requests(own: str) -> str:
    return f"sum by ({REPLICA}, status) (http_requests_total{{{own},{SCRAPES}}})"


def _times(own: str) -> str:
    fine, by_route = (f"sum by ({REPLICA}, le) ({name}{{{own},{SCRAPES}}})" for name in TIMES)
    return f"{fine} or ({by_route} unless on ({REPLICA}) {fine})"


def _vector(body: Any) -> dict[Series, float]:
    if body["status"] != "success" or body["data"]["resultType"] != "vector":
        raise ValueError("no vector")
    found = {
        tuple(sorted(each["metric"].items())): float(each["value"][1])
        for each in body["data"]["result"]
    }
    return {series: value for series, value in found.items() if math.isfinite(value)}


def _bands(buckets: Mapping[str, float]) -> Latencies:
    """Return counts per band from counts up to each bound, which is in seconds."""
    bands: dict[Band, int] = {}
    lower, below = 0.0, 0.0
    for bound, label in sorted((float(le), le) for le in buckets):
        # Above the highest bound nothing more is known; there a percentile is that bound.
        upper = lower if math.isinf(bound) else 1000 * bound
        if inside := round(buckets[label] - below):
            bands[Band(lower, upper)] = inside
        lower, below = upper, buckets[label]
    return bands
