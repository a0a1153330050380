"""Whether a release lives with a schema: its health and smoke flows, run against a copy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from automation.databases.base import Roles
from automation.gates.base import Context as GateContext
from automation.gates.base import Verdict
from automation.gates.health import HealthGate
from automation.migrations.bypass import client, needs_only
from automation.migrations.old_release import Running, running
from automation.polling import Clock, SystemClock
from automation.probes.client import synthetic_headers
from automation.smoke.database import ReadOnlyDatabase
from automation.smoke.results import FlowResult
from automation.smoke.runner import run_flows
from automation.specification.models import Specification
from components.contract.release import Artifact, Release
from components.contract.values import database_values, values_for

DECISIVE = ("critical", "high")
START_SECONDS = 15.0
"""Even a release that starts in a second may share a busy machine."""


@dataclass(frozen=True)
class Check:
    """One thing that the release was asked to do."""

    name: str
    status: str
    details: str = ""


@dataclass(frozen=True)
class Tolerance:
    """What is known: `tolerated` is None where it could not be seen, with the reason."""

    tolerated: bool | None
    reason: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Trial:
    """A release to be tried. `values` are those of all references but the database's.

    `public` is the host and scheme that it believes to be asked at.
    """

    release: Release
    specification: Specification
    values: Mapping[str, str] = field(repr=False)
    log: Path
    clean: Callable[[str], str]
    public: str = "localhost"
    clock: Clock = field(default_factory=SystemClock)
    stopped: Callable[[], bool] = lambda: False


def try_release(trial: Trial, copy: Roles) -> Tolerance:
    """Start the release's backend with the copy as its database, and ask it as users would."""
    artifact = trial.release.backend
    if artifact is None:
        return Tolerance(None, f"{trial.release.id} has no backend that could be tried")
    if not Path(artifact.path).exists():
        return Tolerance(None, f"the artifact of {trial.release.id} is not on this machine")
    values = {
        **values_for(trial.release, trial.values),
        **database_values(copy.application.output()),
    }
    with running(artifact, values, log=trial.log, clean=trial.clean) as process:
        return _judged(trial, artifact, process, copy)


def _judged(trial: Trial, artifact: Artifact, process: Running, copy: Roles) -> Tolerance:
    name = trial.release.id
    gate = HealthGate(
        path=artifact.ready_path or artifact.health_path,
        successes=1,
        deadline_seconds=max(float(artifact.start_seconds), START_SECONDS),
        every=0.1,
    )
    with httpx.Client(headers=synthetic_headers(), timeout=5.0, trust_env=False) as direct:
        health = gate.evaluate(
            GateContext(
                clock=trial.clock,
                replicas=(process.url,),
                direct=direct,
                alive=lambda: "interrupted" if trial.stopped() else process.alive(),
            )
        )
    if health.verdict is not Verdict.PASS:
        told = trial.clean(f"{name} does not become healthy: {health.reason}")
        return Tolerance(False, told, (Check("health", "failed"),))
    flows = [flow for flow in trial.specification.smoke if needs_only(flow, artifact)]
    if not flows:
        reason = f"no smoke flow of {name} needs its backend alone: health alone proves nothing"
        return Tolerance(None, reason, (Check("health", "passed"),))
    asking = partial(client, artifact, process.url, trial.public)
    query = ReadOnlyDatabase(copy.application)
    results = run_flows(flows, asking, query=query, clock=trial.clock)
    return _weighed(trial, results)


def _weighed(trial: Trial, results: Sequence[FlowResult]) -> Tolerance:
    name = trial.release.id
    checks = (
        Check("health", "passed"),
        *(Check(one.name, one.status, trial.clean(one.error_message or "")) for one in results),
    )
    failed = [one for one in results if one.status == "failed" and one.severity in DECISIVE]
    if failed:
        told = "; ".join(f"{one.name}: {one.error_message}" for one in failed)
        return Tolerance(False, trial.clean(f"{name} fails: {told}"), checks)
    passed = sum(one.status == "passed" for one in results)
    if not passed:
        return Tolerance(None, f"no smoke flow of {name} could be run", checks)
    left = len(trial.specification.smoke) - len(results)
    rest = f"; {left} need more than the backend" if left else ""
    return Tolerance(True, f"{name} is healthy and {passed} of its smoke flows pass{rest}", checks)
