"""`slipway validate`, `build`, `verify` and `smoke`: single steps, without a deployment."""

from collections.abc import Callable
from pathlib import Path

from automation.commands.output import Output
from automation.context import Context
from automation.errors import Blocked, DeploymentFailed
from automation.events import StepNotes
from automation.session import open_environment
from automation.settings import StackFile
from automation.specification.recorded import recorded
from automation.steps import build as building
from automation.steps import smoke_test
from automation.steps import validate as validating
from automation.steps import verify as verifying


def validate(environment: str, app: Path | None, as_json: bool) -> int:
    """Run every check of a deployment and print them. A failed one raises Blocked."""
    out = Output(as_json)
    context, file = _opened(out, environment, app)
    try:
        with out.redacted_errors(), context.events.step("validate") as notes:
            validating.run(context, file, notes)
    finally:
        checks = context.facts.checks or []
        if as_json:
            out.data([{k: getattr(c, k) for k in ("name", "status", "details")} for c in checks])
        else:
            out.text("\n".join(f"{c.status:<8}{c.name:<26}{c.details}" for c in checks))
    return 0


def build(environment: str, app: Path | None, as_json: bool) -> int:
    """Build what changed and print where the artifacts are."""
    out = Output(as_json)
    context, file = _opened(out, environment, app)
    with out.redacted_errors():
        with context.events.step("validate") as notes:
            validating.run(context, file, notes)
        with context.events.step("build") as notes:
            building.run(context, file, notes)
    built = {
        name: {"artifact": r.artifact.path, "digest": r.artifact.digest, "reused": r.reused}
        for name, r in context.builds.items()
    }
    if as_json:
        out.data(built)
    else:
        out.text("\n".join(f"{name:<9} {each['artifact']}" for name, each in built.items()))
    return 0


def verify(environment: str, as_json: bool) -> int:
    """Verify what is live: health, served release, response times. A failure raises."""
    return _on_live(environment, as_json, "verify", verifying.run)


def smoke(environment: str, as_json: bool) -> int:
    """Run the smoke flows against what is live. A failed one that matters raises."""
    return _on_live(environment, as_json, "smoke_test", smoke_test.run)


def _opened(out: Output, environment: str, app: Path | None) -> tuple[Context, StackFile]:
    return open_environment(
        environment, out.listener, out.redactor, application=app, recorded=False
    )


def _on_live(
    environment: str, as_json: bool, name: str, step: Callable[[Context, StepNotes], None]
) -> int:
    out = Output(as_json)
    context, _ = _opened(out, environment, None)
    return look(out, context, name, step)


def look(
    out: Output, context: Context, name: str, step: Callable[[Context, StepNotes], None]
) -> int:
    """Take one step of a deployment with what is live. Raise as the step does, without secrets."""
    live = context.live.live_release()
    if live is None:
        raise Blocked(
            f"nothing is live in {context.environment}",
            hint=f"Deploy first: ./slipway up {context.environment}",
        )
    context.release, context.specification = live, recorded(live)
    problem = ""
    try:
        with out.redacted_errors(), context.events.step(name) as notes:
            step(context, notes)
    except DeploymentFailed as error:
        problem = error.message
        raise
    finally:
        if out.as_json:
            out.data(_seen(context, problem))
    return 0


def _seen(context: Context, problem: str) -> dict[str, object]:
    return {
        "release": context.target().id,
        "passed": not problem,
        "problem": problem,
        "performance": context.performance,
        "flows": [
            {"name": f.name, "status": f.status, "duration_ms": f.duration_ms}
            for f in context.flows
        ],
    }
