"""See that the release is healthy, that it is what is served, and how fast it is."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from automation import running, site, verdicts
from automation.context import Context
from automation.errors import DeploymentFailed
from automation.events import StepNotes
from automation.gates.base import Context as GateContext
from automation.gates.base import GateResult, Verdict
from automation.gates.performance import PerformanceGate
from automation.migrations.connection import Target
from automation.probes.load import LoadResult, run_load
from automation.reports.base import Health
from automation.reports.happened import PerformanceFact
from automation.reports.observed import DatabaseHealthFact, HealthFact
from components.contract.desired import SlotName
from components.contract.release import SERVICES, Release, ServiceName

PERCENT = 100
PERFORMANCE = "post_deployment_verification.performance_metrics"
CONNECTIONS = """\
SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE datname = %s),
       current_setting('max_connections')::int"""


def run(context: Context, notes: StepNotes) -> None:
    """Verify what is live. Raise DeploymentFailed where it is not the healthy target."""
    target = context.target()
    live_is_well(context, target)
    database_is_well(context)
    seen = (running.services(context), running.resources(context))
    context.facts.observations += seen
    load = _load(context, target)
    context.performance = load.record()
    result = _performance(context, load)
    for finding in result.findings:
        context.events.note(finding)
        context.facts.short_term.append(finding)
    verdicts.alive(context)  # a death is why requests of the load failed
    failed = result.verdict is Verdict.FAIL
    verdicts.record(context, "performance", result, go_on=not failed)
    if failed:
        raise DeploymentFailed(result.reason)
    p95 = f"p95 {load.p95_ms:.0f} ms" if load.p95_ms is not None else "no load was sent"
    notes.message = f"healthy, served release is {target.id}, {p95}"


def live_is_well(context: Context, release: Release) -> None:
    """See every replica of the live slots ready and the release served. Raise otherwise.

    Services are looked at side by side: most of the time is spent waiting between two looks.
    """
    services = [
        (name, slot)
        for name in SERVICES
        if release.artifact(name) is not None
        and (slot := context.declared.service(name).live()) is not None
    ]
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        looks = [pool.submit(_is_well, context, release, *service) for service in services]
        for look in looks:
            look.result()


def _is_well(context: Context, release: Release, service: ServiceName, slot: SlotName) -> None:
    for result in (
        site.health(context, release, service, slot),
        site.served(context, release, service, None),
    ):
        if result.verdict is not Verdict.PASS:
            if result.verdict is Verdict.FAIL:
                context.facts.health[service] = HealthFact(status=_unwell(result))
            lines = site.log_tail(context, service, slot)
            raise DeploymentFailed(f"{service}: {result.reason}", details=lines)
    milliseconds = _milliseconds(context, release, service)
    context.facts.health[service] = HealthFact(status="healthy", milliseconds=milliseconds)


def _unwell(result: GateResult) -> Health:
    ready, replicas = result.evidence.get("ready"), result.evidence.get("replicas")
    return "degraded" if ready and ready != replicas else "unhealthy"


def database_is_well(context: Context) -> None:
    """See the database answer, and count its connections. Raise Blocked where it does not."""
    if context.database is None:
        return
    with Target.admin(context.database).connect() as connection:
        row = connection.execute(CONNECTIONS, (context.database["name"],)).fetchone()
    active, limit = row or (None, None)
    context.facts.database_health = DatabaseHealthFact(status="healthy", active=active, limit=limit)


def _milliseconds(context: Context, release: Release, service: ServiceName) -> float | None:
    artifact = release.artifact(service)
    if artifact is None:
        return None
    try:
        with site.client(context.outputs) as public:
            return public.get(site.path_of(artifact)).elapsed.total_seconds() * 1000
    except httpx.HTTPError:
        return None  # seen well just before: one lost answer is the probe's to count


def _paths(release: Release, declared: Sequence[str]) -> list[str]:
    artifacts = [a for name in SERVICES if (a := release.artifact(name))]
    return site.safe_paths(declared) or [site.path_of(artifact) for artifact in artifacts]


def _load(context: Context, release: Release) -> LoadResult:
    context.events.progress(f"{context.settings.performance_requests} requests")
    found = context.specification
    with site.client(context.outputs) as public:
        return run_load(
            public,
            _paths(release, found.load if found else ()),
            requests=context.settings.performance_requests,
        )


def _performance(context: Context, load: LoadResult) -> GateResult:
    # What was rolled back is nothing to be measured by.
    served = [r for r in context.live.history if r.outcome == "deployed" and r.performance]
    baseline = served[-1].performance if served else None
    remote = running.elsewhere(context)
    for key in ("cpu_utilization_percent", "memory_utilization_percent") if remote else ():
        context.facts.explain(f"{PERFORMANCE}.{key}", "the replicas are not on this machine")
    context.facts.performance = PerformanceFact(
        requests=load.sent,
        failed=load.failed,
        p50_ms=load.p50_ms,
        p95_ms=load.p95_ms,
        p99_ms=load.p99_ms,
        cpu_percent=None if remote else load.cpu_percent,
        memory_percent=None if remote else load.memory_percent,
        baseline=baseline or {},
    )
    found = context.specification
    limit = found.thresholds.error_rate_percent if found else 5.0
    gate = PerformanceGate(
        tolerance=context.settings.performance_tolerance_percent / PERCENT,
        error_rate_percent=limit,
    )
    return gate.evaluate(GateContext(load=load, baseline=baseline))
