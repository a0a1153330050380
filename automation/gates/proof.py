"""Before a rollout: prove that the numbers which the traffic gate reads can show a failure."""

import httpx

from automation.gates.base import GateResult, Verdict
from automation.gates.traffic import record
from automation.metrics.base import SlotTraffic, Source, SourceUnavailable
from automation.polling import Clock, wait_until
from automation.probes.exchange import NoAnswer, exchange
from components.contract.desired import SlotName
from components.contract.outputs import PROBE_FAILS, PROBE_HEADER, SLOT_HEADER
from components.contract.release import ServiceName

COUNTED_SECONDS = 10.0
"""How long statistics may take to show a request; Envoy's response times are up to 5 s behind."""


def prove(
    source: Source,
    client: httpx.Client,
    service: ServiceName,
    slot: SlotName,
    *,
    clock: Clock,
    path: str = "/",
) -> GateResult:
    """Send a request that fails on purpose and one that does not, and see both be counted.

    `client` asks the public address. Fails where one of them is not counted as what it was: a
    gate that rests on these numbers would let anything pass.
    """
    try:
        before = _read(source, service, slot)
        statuses = [_ask(client, slot, path, probe, clock) for probe in (PROBE_FAILS, "1")]
        after = wait_until(
            lambda: _read(source, service, slot).since(before),
            accept=lambda seen: not _missing(seen, statuses),
            deadline=clock.time() + COUNTED_SECONDS,
            clock=clock,
            every=0.1,
        )
    except (SourceUnavailable, NoAnswer, httpx.InvalidURL) as error:
        return GateResult(Verdict.INCONCLUSIVE, f"{service} {slot}: {error}")
    evidence: dict[str, object] = {"slot": slot, "answers": statuses, "counted": record(after)}
    if statuses[0] < 500:
        reason = (
            f"a request to {service} {slot} that the load balancer was to fail got {statuses[0]}"
        )
        return GateResult(Verdict.FAIL, reason, evidence)
    if missing := _missing(after, statuses):
        reason = f"the statistics of {service} {slot} do not show {missing}"
        return GateResult(Verdict.FAIL, reason, evidence)
    reason = f"a failure of {service} {slot} is counted, and so are requests and response times"
    return GateResult(Verdict.PASS, reason, evidence)


def _read(source: Source, service: ServiceName, slot: SlotName) -> SlotTraffic:
    traffic = source.traffic()
    if (service, slot) not in traffic:
        raise SourceUnavailable("the statistics do not know this slot")
    return traffic[service, slot]


def _ask(client: httpx.Client, slot: SlotName, path: str, probe: str, clock: Clock) -> int:
    headers = {SLOT_HEADER: slot, PROBE_HEADER: probe}
    return exchange(client, client.build_request("GET", path, headers=headers), clock=clock).status


def _missing(seen: SlotTraffic, statuses: list[int]) -> str | None:
    failed = sum(status >= 500 for status in statuses)
    if seen.errors < failed:
        return f"the {failed} requests that failed, but {seen.errors}"
    if seen.requests < len(statuses):
        return f"the {len(statuses)} requests that were sent, but {seen.requests}"
    if not seen.timed:
        return "the response time of any request"
    return None
