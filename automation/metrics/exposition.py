"""What an application itself exposes, in Prometheus' text format."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpx
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from automation.polling import Clock, SystemClock
from automation.probes.exchange import NoAnswer, exchange

BY_THEMSELVES = ("process_", "python_", "go_", "nodejs_")
"""Counters that grow without any request."""


class NotReadable(ValueError):
    """A metrics endpoint did not answer, or not in Prometheus' format."""


@dataclass(frozen=True)
class Exposition:
    """Samples of all scraped replicas. `counters` are sums by family, labels and replicas."""

    samples: int
    counters: Mapping[str, float]


def scrape(client: httpx.Client, urls: Iterable[str], *, clock: Clock | None = None) -> Exposition:
    """Read every endpoint. Raise NotReadable, naming the first that could not be read."""
    samples = 0
    counters: dict[str, float] = {}
    for url in urls:
        exposition = parse(_fetch(client, url, clock or SystemClock()), url)
        samples += exposition.samples
        for name, value in exposition.counters.items():
            counters[name] = counters.get(name, 0.0) + value
    return Exposition(samples, counters)


def parse(text: str, source: str) -> Exposition:
    """Parse one exposition. Raise NotReadable where it has no sample, or something else."""
    samples = 0
    counters: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(text):
            samples += len(family.samples)
            counted = [sample.value for sample in family.samples if _counts(family, sample)]
            if counted:
                counters[family.name] = sum(counted)
    except (ValueError, KeyError, IndexError) as error:
        raise NotReadable(f"{source}: not in Prometheus' text format") from error
    if not samples:
        raise NotReadable(f"{source}: there is no sample")
    return Exposition(samples, counters)


def grown(before: Exposition, after: Exposition) -> dict[str, float]:
    """Return by how much each counter grew, without those that grow by themselves."""
    changes = {
        name: value - before.counters.get(name, 0.0)
        for name, value in after.counters.items()
        if not name.startswith(BY_THEMSELVES)
    }
    return {name: change for name, change in sorted(changes.items()) if change > 0}


def _fetch(client: httpx.Client, url: str, clock: Clock) -> str:
    try:
        # Without it some libraries answer in the OpenMetrics or the protobuf format.
        request = client.build_request("GET", url, headers={"accept": "text/plain"})
        answer = exchange(client, request, clock=clock)
    except NoAnswer as error:
        raise NotReadable(f"{url}: {error}") from error
    except httpx.InvalidURL as error:
        raise NotReadable(f"{url}: the address is malformed") from error
    if answer.status != 200:
        raise NotReadable(f"{url}: status {answer.status}")
    return answer.text


def _counts(family: Metric, sample: Sample) -> bool:
    counter = family.type == "counter" or sample.name.endswith("_total")
    counted = family.type in ("histogram", "summary") and sample.name.endswith("_count")
    return (counter or counted) and math.isfinite(sample.value)
