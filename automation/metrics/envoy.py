"""Envoy's own statistics, by its admin interface."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from automation.metrics.base import CLUSTERS, SlotTraffic, SourceUnavailable, Traffic
from automation.polling import SystemClock
from automation.probes.exchange import NoAnswer, describe, exchange

NAME = re.compile(r"cluster\.(?P<cluster>[^.]+)\.(?P<counter>[a-z0-9_]+)")
FILTER = r"^cluster\.({clusters})\.(upstream_rq_(total|5xx|timeout|active|time)|membership_total)$"


class EnvoySource:
    """Reads `/stats` below the admin's base URL. Percentiles lag by Envoy's flush interval."""

    def __init__(self, base_url: str, client: httpx.Client) -> None:
        self._url = f"{base_url.rstrip('/')}/stats"
        self._client = client

    def traffic(self) -> Traffic:
        """Return the traffic of every slot that Envoy has a cluster for."""
        statistics = self._read()
        counters: dict[str, dict[str, int]] = {}
        for entry in statistics:
            found = NAME.fullmatch(str(entry.get("name", "")))
            if found:
                counters.setdefault(found["cluster"], {})[found["counter"]] = int(entry["value"])
        percentiles = _percentiles(statistics)
        return {
            CLUSTERS[cluster]: SlotTraffic(
                requests=values.get("upstream_rq_total", 0),
                # Envoy makes this counter with the first 5xx.
                errors=values.get("upstream_rq_5xx", 0),
                timeouts=values.get("upstream_rq_timeout", 0),
                active=values.get("upstream_rq_active", 0),
                percentiles=percentiles.get(cluster, {}),
            )
            for cluster, values in counters.items()
        }

    def _read(self) -> list[dict[str, Any]]:
        try:
            request = self._client.build_request(
                "GET",
                self._url,
                params={"format": "json", "filter": FILTER.format(clusters="|".join(CLUSTERS))},
            )
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


def _percentiles(statistics: Iterable[Mapping[str, Any]]) -> dict[str, dict[float, float]]:
    found: dict[str, dict[float, float]] = {}
    for entry in statistics:
        histograms = entry.get("histograms")
        if not histograms:
            continue
        quantiles = histograms["supported_quantiles"]
        for histogram in histograms["computed_quantiles"]:
            name = NAME.fullmatch(histogram["name"])
            if name and name["counter"] == "upstream_rq_time":
                found[name["cluster"]] = {
                    float(quantile): float(value["cumulative"])
                    for quantile, value in zip(quantiles, histogram["values"], strict=True)
                    if value["cumulative"] is not None
                }
    return found
