"""Before the first verdict: prove that the traffic gate's numbers can show a failure."""

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
"""How long statistics may take to show a request, beyond their lag; Envoy's response times are a
flush behind its counters."""
NOWHERE = "slipway-asks-for-what-is-not-there"
"""Below a path that exists: what nearly every application refuses with a 4xx."""
NOT_PROVEN = "that an answer with 5xx is counted as a failure: nothing here fails on request"


def prove(
    source: Source,
    client: httpx.Client,
    service: ServiceName,
    slot: SlotName,
    *,
    clock: Clock,
    path: str = "/",
) -> GateResult:
    """Send a request that goes wrong on purpose and one that does not, and see both be counted.

    `client` asks the public address. Fails where one of them is not counted as what it was: a
    gate that rests on these numbers would let anything pass. Where no load balancer fails requests
    by itself, what goes wrong is an answer with 4xx, and the evidence says what that leaves open.
    """
    wrong = (path, PROBE_FAILS) if source.fails_on_purpose else (_nowhere(path), "1")
    try:
        before = _read(source, service, slot)
        statuses = [_ask(client, slot, *probe, clock) for probe in (wrong, (path, "1"))]
        after = wait_until(
            lambda: _read(source, service, slot).since(before),
            accept=lambda seen: not _missing(seen, statuses, source),
            deadline=clock.time() + COUNTED_SECONDS + source.lag_seconds,
            clock=clock,
            every=0.1 if source.fails_on_purpose else 1.0,
        )
    except (SourceUnavailable, NoAnswer, httpx.InvalidURL) as error:
        return GateResult(Verdict.INCONCLUSIVE, f"{service} {slot}: {error}")
    evidence: dict[str, object] = {"slot": slot, "answers": statuses, "counted": record(after)}
    return _judged(f"{service} {slot}", source, after, statuses, evidence)


def _judged(
    who: str,
    source: Source,
    seen: SlotTraffic,
    statuses: list[int],
    evidence: dict[str, object],
) -> GateResult:
    if source.fails_on_purpose and statuses[0] < 500:
        reason = f"a request to {who} that the load balancer was to fail got {statuses[0]}"
        return GateResult(Verdict.FAIL, reason, evidence)
    if missing := _missing(seen, statuses, source):
        reason = f"the statistics of {who} do not show {missing}"
        return GateResult(Verdict.FAIL, reason, evidence)
    if source.fails_on_purpose or statuses[0] >= 500:
        reason = f"a failure of {who} is counted, and so are requests and response times"
        return GateResult(Verdict.PASS, reason, evidence)
    return _in_part(who, statuses[0], evidence)


def _in_part(who: str, status: int, evidence: dict[str, object]) -> GateResult:
    proven = [f"requests and response times of {who} are counted"]
    if 400 <= status < 500:
        proven.append(f"an answer with {status} is told from others by its class")
    not_proven = [NOT_PROVEN]
    if not 400 <= status < 500:
        not_proven.append(
            f"that answers are told apart: a path that does not exist got {status} as well"
        )
    reason = f"{', '.join(proven)}; not proven: {', '.join(not_proven)}"
    known: dict[str, object] = {"proven": proven, "not_proven": not_proven}
    return GateResult(Verdict.PASS, reason, {**evidence, **known})


def _nowhere(path: str) -> str:
    return f"{path.rstrip('/')}/{NOWHERE}"


def _read(source: Source, service: ServiceName, slot: SlotName) -> SlotTraffic:
    traffic = source.traffic()
    if (service, slot) not in traffic:
        raise SourceUnavailable("the statistics do not know this slot")
    return traffic[service, slot]


def _ask(client: httpx.Client, slot: SlotName, path: str, probe: str, clock: Clock) -> int:
    headers = {SLOT_HEADER: slot, PROBE_HEADER: probe}
    return exchange(client, client.build_request("GET", path, headers=headers), clock=clock).status


def _missing(seen: SlotTraffic, statuses: list[int], source: Source) -> str | None:
    failed = sum(status >= 500 for status in statuses)
    if seen.errors < failed:
        return f"the {failed} requests that failed, but {seen.errors}"
    refused = sum(400 <= status < 500 for status in statuses)
    if not source.fails_on_purpose and seen.refused < refused:
        return f"the {refused} requests that were refused, but {seen.refused}"
    if seen.requests < len(statuses):
        return f"the {len(statuses)} requests that were sent, but {seen.requests}"
    if not seen.timed:
        return "the response time of any request"
    return None
