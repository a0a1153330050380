"""Facts of five deployments, as the driver's steps would have collected them."""

from dataclasses import replace
from datetime import UTC, datetime

from automation.reports import configured as c
from automation.reports import happened as h
from automation.reports import observed as o
from automation.reports.facts import Facts

STARTED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EVERYTHING = frozenset({"frontend", "backend", "database", "migrations"})
OLD = o.ReleaseFact(
    id="r-old", version="1.0.0", commit="a" * 40, artifacts={"backend": "artifacts/old-backend"}
)
NEW = o.ReleaseFact(
    id="r-new",
    version="1.1.0",
    commit="b" * 40,
    artifacts={"backend": "artifacts/new-backend", "frontend": "artifacts/new-frontend"},
)


def steps(*names, last="passed", message=""):
    passed = [o.StepFact(name=name, status="passed", seconds=1.5) for name in names[:-1]]
    return [*passed, o.StepFact(name=names[-1], status=last, seconds=2.25, message=message)]


def started(**given) -> Facts:
    return Facts(
        deployment="d-42",
        environment="development",
        deployer="ada",
        started_at=STARTED,
        application="todo",
        declared=EVERYTHING,
        **given,
    )


def validated(**given) -> Facts:
    return started(
        checks=[
            o.CheckFact(
                name="variables",
                status="passed",
                details="12 of 12 are defined",
                item="variables_defined",
            ),
            o.CheckFact(
                name="code review",
                status="skipped",
                details="no review system is configured",
                item="review_approved",
            ),
        ],
        **given,
    )


def built(**given) -> Facts:
    facts = validated(release=NEW, previous=OLD, **given)
    facts.builds = {
        "backend": o.BuildFact(
            status="success", seconds=12.6, artifact="artifacts/new-backend", log="backend.log"
        ),
        "frontend": o.BuildFact(status="success", artifact="artifacts/new-frontend", reused=True),
    }
    return facts


def planned(**given) -> Facts:
    facts = built(**given)
    facts.configuration = c.ConfigurationFact(
        variables=(
            c.VariableFact(name="LOG_LEVEL", service="backend", value="info", reference="info"),
            c.VariableFact(
                name="DATABASE_URL", service="backend", value=None, reference="${database.url}"
            ),
        ),
        secrets=(
            c.SecretFact(
                name="SECRET_KEY", reference="stack output secrets.SECRET_KEY", source="generated"
            ),
        ),
        file=".env.development",
    )
    facts.strategy = h.StrategyFact(
        strategy="blue_green", config={"replicas": 2}, rollback="switch back to the old slot"
    )
    facts.rollout = [
        h.RolloutStepFact(
            number=1,
            description="backend to green",
            verdict="pass",
            seconds=3.0,
            weights={"backend": 100, "frontend": 0},
        ),
        h.RolloutStepFact(
            number=2, description="frontend to green", weights={"backend": 100, "frontend": 100}
        ),
    ]
    facts.way_back = h.WayBackFact(
        command="./slipway rollback development",
        release="r-old",
        version="1.0.0",
        effect="The schema stays at 0003: release 1.0.0 was rehearsed against it.",
        artifacts=OLD.artifacts,
        steps=(
            h.PlannedStep(
                description="Return the traffic", command="./slipway rollback development"
            ),
        ),
        triggers=("error rate above 5 %",),
        criteria=("every replica is ready",),
        timeout_seconds=90,
    )
    facts.database = o.DatabaseFact(platform="local", status="success")
    facts.migrations = o.MigrationFact(
        status="success",
        applied=("0003",),
        head="0003",
        backup="backup-42.dump",
        backup_verified=True,
        backup_rows=100_000,
        backup_seconds={"backup": 0.81, "verification": 2.34},
        log="alembic.log",
        seconds=0.25,
        rehearsal=o.RehearsalFact(seconds={"0003": 0.2}, downgrade_seconds=0.15),
        tolerance=o.ToleranceFact(
            release="r-old",
            tolerated=True,
            reason="r-old is healthy and 2 of its smoke flows pass",
            checks={"health": "passed", "tasks": "passed"},
        ),
    )
    facts.commits = [h.CommitFact(id="b" * 40, subject="Sort tasks <by> date", author="Ada")]
    facts.owner = "team-todo"
    return facts


def deployed() -> Facts:
    facts = planned(outcome="deployed", seconds=42.5, steps=steps(*o.STEPS))
    facts.rollout[1] = replace(facts.rollout[1], verdict="pass", seconds=2.0)
    for service, url in (("backend", "/api"), ("frontend", "")):
        facts.services[service] = o.DeployedFact(
            status="success",
            platform="local",
            url=f"https://todo.localhost:8443{url}",
            health_url=f"https://todo.localhost:8443{url}/health",
            seconds=8.4,
            replicas=2,
        )
        facts.health[service] = o.HealthFact(
            status="healthy", milliseconds=4.6, probes=400, failures=1
        )
        facts.served.append(h.ServedFact(service=service, release="r-new", responses=120))
    facts.database_health = o.DatabaseHealthFact(status="healthy", active=4, limit=100)
    facts.smoke = [
        o.SmokeFact(name="log in", category="authentication", status="passed", milliseconds=80.2),
        o.SmokeFact(name="tasks", category="crud_operations", status="passed", milliseconds=95.0),
        o.SmokeFact(
            name="two users", category="multi_user_isolation", status="passed", milliseconds=120.0
        ),
    ]
    facts.performance = h.PerformanceFact(
        requests=200,
        failed=1,
        p50_ms=5.1,
        p95_ms=11.7,
        p99_ms=23.9,
        cpu_percent=31.0,
        memory_percent=44.5,
        baseline={"p95_ms": 10.9},
    )
    facts.probe = h.ProbeFact(
        requests=60,
        failed=2,
        p50_ms=4.4,
        p99_ms=19.0,
        longest_gap_ms=130.0,
        failures={"503": 2},
        timeline=(
            h.ProbeSecondFact(second=0, sent=20, failed=0),
            h.ProbeSecondFact(second=1, sent=20, failed=2),
            h.ProbeSecondFact(second=2, sent=20, failed=0),
        ),
        weights=(
            h.WeightFact(second=0, service="backend", blue=100, green=0),
            h.WeightFact(second=1.5, service="backend", blue=0, green=100),
        ),
    )
    facts.live = live("r-new", "1.1.0")
    facts.monitoring = h.MonitoringFact(
        enabled=True, alerting=True, dashboards=("grafana.json",), rules=("HighErrorRate",)
    )
    facts.manifest = "desired.json"
    return facts


def live(release, version):
    return h.LiveFact(
        release=release,
        version=version,
        url="https://todo.localhost:8443",
        serving=True,
        slots=(h.SlotFact(service="backend", slot="green", release=release, weight=100),),
    )


def rolled_back() -> Facts:
    facts = deployed()
    facts.outcome, facts.reason = "rolled_back", "flow `tasks` failed"
    facts.steps = steps(*o.STEPS[:9], last="failed", message="flow `tasks` failed")
    facts.smoke[1] = o.SmokeFact(
        name="tasks",
        category="crud_operations",
        status="failed",
        milliseconds=12.0,
        error="expected 201, got 500",
    )
    facts.rollback = h.RollbackFact(reason="flow `tasks` failed", status="success", seconds=6.5)
    facts.issues = [
        h.IssueFact(
            severity="high",
            category="verification",
            description="POST /api/tasks answered 500",
            at=STARTED,
            resolution="rolled back to r-old",
            resolved=True,
        )
    ]
    for service, fact in facts.services.items():
        facts.services[service] = replace(fact, status="rolled_back")
    facts.live = live("r-old", "1.0.0")
    facts.monitoring = None
    return facts


def blocked() -> Facts:
    facts = validated(
        outcome="blocked",
        reason="1 check did not pass",
        seconds=1.0,
        steps=steps("validate", last="failed", message="1 check did not pass"),
    )
    facts.checks.append(
        o.CheckFact(
            name="secrets",
            status="failed",
            details="SMTP_PASSWORD has no value",
            remedy="pulumi config set --secret secrets:SMTP_PASSWORD",
            item="secrets_available",
        )
    )
    return facts


def failed() -> Facts:
    facts = planned(
        outcome="failed",
        reason="the update of the engine failed",
        steps=steps(*o.STEPS[:7], last="failed", message="the engine's update failed"),
    )
    facts.services["backend"] = o.DeployedFact(status="failed", platform="local")
    facts.rollback = h.RollbackFact(reason="update failed", status="failed", seconds=None)
    facts.live = None
    return facts


def interrupted() -> Facts:
    return validated(steps=steps("validate", "build", last="interrupted", message="SIGINT"))


ALL = {
    "deployed": deployed,
    "rolled_back": rolled_back,
    "blocked": blocked,
    "failed": failed,
    "interrupted": interrupted,
}
