"""The telemetry gate: the application's metrics move when it has traffic."""

from dataclasses import dataclass

import httpx

from automation.gates.base import Context, GateResult, Verdict
from automation.metrics.exposition import Exposition, NotReadable, grown, scrape


@dataclass(frozen=True, kw_only=True)
class TelemetryGate:
    """Pass when some counter of the replicas grows by at least the traffic that was sent.

    `path` is where replicas expose metrics in Prometheus' format, None where they do not.
    """

    path: str | None = None

    def evaluate(self, context: Context) -> GateResult:
        """Read the metrics, send traffic, read them again."""
        if self.path is None:
            return GateResult(Verdict.INCONCLUSIVE, "the application declares no metrics path")
        if context.direct is None or not context.replicas or context.traffic is None:
            return GateResult(Verdict.INCONCLUSIVE, "there is no replica or no traffic to look at")
        try:
            before = self._read(context.direct, context)
            requests = context.traffic()
            after = self._read(context.direct, context)
        except NotReadable as error:
            return GateResult(Verdict.FAIL, str(error), {"path": self.path})
        evidence: dict[str, object] = {
            "path": self.path,
            "samples": after.samples,
            "requests": requests,
            "grown": grown(before, after),
        }
        if requests <= 0:
            reason = "none of the synthetic requests was answered"
            return GateResult(Verdict.INCONCLUSIVE, reason, evidence)
        arrived = [name for name, by in grown(before, after).items() if by >= requests]
        if arrived:
            reason = f"{', '.join(arrived)} counted the {requests} requests"
            return GateResult(Verdict.PASS, reason, evidence)
        reason = f"no counter grew by the {requests} requests that were sent"
        return GateResult(Verdict.FAIL, reason, evidence)

    def _read(self, client: httpx.Client, context: Context) -> Exposition:
        urls = [f"{url.rstrip('/')}{self.path}" for url in context.replicas]
        return scrape(client, urls, clock=context.clock)
