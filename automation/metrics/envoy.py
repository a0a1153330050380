"""Envoy's own statistics, by its admin interface."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import httpx

from automation.metrics.base import CLUSTERS, SlotTraffic, SourceUnavailable, Traffic
from automation.metrics.latency import Band, Latencies
from automation.polling import SystemClock
from automation.probes.exchange import NoAnswer, describe, exchange

NAME = re.compile(r"cluster\.(?P<cluster>[^.]+)\.(?P<counter>[a-z0-9_]+)")
SHOWN = (
    "membership_total",
    "upstream_cx_destroy_remote_with_active_rq",
    "upstream_rq_503",
    "upstream_rq_504",
    "upstream_rq_5xx",
    "upstream_rq_active",
    "upstream_rq_completed",
    "upstream_rq_retry",
    "upstream_rq_rx_reset",
    "upstream_rq_time",
    "upstream_rq_timeout",
)
"""A connection that failed is in none of these: it ends as a retry or as a 503 of its request."""
PARAMETERS = {
    "format": "json",
    # Envoy's own resolution of two digits: the same whatever buckets are configured.
    "histogram_buckets": "detailed",
    "filter": rf"^cluster\.({'|'.join(CLUSTERS)})\.({'|'.join(SHOWN)})$",
}


class EnvoySource:
    """Reads `/stats` below the admin's base URL. Latencies lag by Envoy's flush interval."""

    lag_seconds: ClassVar[float] = 0.0
    fails_on_purpose: ClassVar[bool] = True

    def __init__(self, base_url: str, client: httpx.Client) -> None:
        self._url = f"{base_url.rstrip('/')}/stats"
        self._client = client

    def traffic(self) -> Traffic:
        """Return the traffic of every slot that Envoy has a cluster for."""
        statistics = self._read()
        try:
            counters = _counters(statistics)
            latencies = _latencies(statistics)
        except (KeyError, TypeError, ValueError) as error:
            raise SourceUnavailable(
                "Envoy's statistics have another shape than expected"
            ) from error
        return {
            CLUSTERS[cluster]: _slot(values, latencies.get(cluster, {}))
            for cluster, values in counters.items()
        }

    def _read(self) -> list[dict[str, Any]]:
        try:
            request = self._client.build_request("GET", self._url, params=PARAMETERS)
            answer = exchange(self._client, request, clock=SystemClock())
            if answer.status != 200:
                raise SourceUnavailable(f"Envoy's statistics: status {answer.status}")
            body = answer.json()
        except (NoAnswer, httpx.InvalidURL) as error:
            raise SourceUnavailable(f"Envoy's statistics: {describe(error)}") from error
        except ValueError as error:
            raise SourceUnavailable("Envoy's statistics are not JSON") from error
        found = body.get("stats") if isinstance(body, dict) else None
        if not isinstance(found, list):
            raise SourceUnavailable("Envoy's statistics have another shape than expected")
        return found


def _slot(values: Mapping[str, int], latencies: Latencies) -> SlotTraffic:
    # Envoy makes a counter of a status code with the first answer that has it.
    def of(*names: str) -> int:
        return sum(values.get(name, 0) for name in names)

    return SlotTraffic(
        # `upstream_rq_total` lacks those that no replica could be found for.
        requests=of("upstream_rq_completed", "upstream_rq_retry"),
        failed=of("upstream_rq_5xx"),
        unavailable=of("upstream_rq_503", "upstream_rq_504"),
        retried=of("upstream_rq_retry"),
        broken=of(
            "upstream_cx_destroy_remote_with_active_rq",
            "upstream_rq_rx_reset",
            "upstream_rq_timeout",
        ),
        active=of("upstream_rq_active"),
        latencies=latencies,
    )


def _counters(statistics: Iterable[Mapping[str, Any]]) -> Mapping[str, Mapping[str, int]]:
    counters: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for entry in statistics:
        found = NAME.fullmatch(str(entry.get("name", "")))
        if found and found["cluster"] in CLUSTERS:
            counters[found["cluster"]][found["counter"]] = int(entry["value"])
    return counters


def _latencies(statistics: Iterable[Mapping[str, Any]]) -> Mapping[str, Latencies]:
    found: dict[str, Latencies] = {}
    for entry in statistics:
        for histogram in (entry.get("histograms") or {}).get("details", ()):
            name = NAME.fullmatch(histogram["name"])
            if name and name["counter"] == "upstream_rq_time":
                found[name["cluster"]] = {
                    _band(each): int(each["count"]) for each in histogram["totals"]
                }
    return found


def _band(each: Mapping[str, float]) -> Band:
    # Envoy measures whole milliseconds, cut off: a 0 is anything below 1.
    lower = float(each["lower_bound"])
    return Band(lower, lower + max(1.0, float(each["width"])))
