"""See everything that can stop the deployment, all of it at once, and touch nothing."""

from typing import get_args

from automation import address
from automation.context import Context
from automation.errors import Blocked, InvalidInput
from automation.events import StepNotes
from automation.reports.facts import Declared
from automation.reports.observed import CheckFact, ReleaseFact
from automation.settings import StackFile
from automation.specification.loader import load
from automation.specification.models import Specification
from automation.validation import (
    application,
    aws,
    configuration,
    database,
    machine,
    neon,
    platforms,
)
from components.contract import outputs
from components.contract.platforms import LOAD_BALANCERS
from components.contract.release import SERVICES, Release

UNSEEN = {
    "features_complete": "whether features are complete is not something that a deployment sees",
    "tests_pass": "the application's own tests run in its pipeline, before a deployment",
    "review_approved": "reviews are approved where the code is hosted",
    "no_critical_issues": "issues are kept where the code is hosted",
    "dependencies_secure": "dependencies are scanned in the application's pipeline",
}
"""Items of the checklist that nobody here can see, and why: never ticked, never hidden."""


def run(context: Context, file: StackFile, notes: StepNotes) -> None:
    """Check the application, its configuration, the environment and this machine.

    Raise Blocked with every blocker.
    """
    live = context.live.live_release()
    if live is not None:
        context.facts.previous = release_fact(live)
    found = _specification(context)
    application.belongs(context.environment, found, live)
    _platforms(context)
    context.address = address.choose(
        found.name, file.settings, context.live.address, context.reservations
    )
    context.facts.checks = checks = _checks(context, found, file)
    blockers = [check for check in checks if check.status == "failed" and check.blocking]
    if blockers:
        lines = tuple(f"{c.details}{f'; {c.remedy}' if c.remedy else ''}" for c in blockers)
        raise Blocked(f"{len(blockers)} of {len(checks)} checks failed", details=lines)
    for check in checks:
        if check.status == "failed":
            context.events.note(f"{check.details}; {check.remedy}")
    passed = sum(check.status == "passed" for check in checks)
    notes.message = f"{passed} checks passed, {len(checks) - passed} skipped or noted"


def _specification(context: Context) -> Specification:
    assert context.application is not None, "only a deployment has an application to validate"
    try:
        found = load(context.application)
    except InvalidInput as error:
        details = "; ".join((error.message, *error.details))
        context.facts.checks = [CheckFact(name="specification", status="failed", details=details)]
        raise
    context.specification = found
    context.facts.application = found.name
    context.facts.declared = declared(found)
    return found


def _platforms(context: Context) -> None:
    """See that the platforms can be deployed to: nothing else can be looked at before."""
    running = bool(context.outputs.get(outputs.PUBLIC_URL))
    found = [
        *platforms.checks(context.settings, context.environment),
        *aws.checks(context.settings, context.environment, running=running),
    ]
    context.facts.checks = found
    failed = [check for check in found if check.status == "failed" and check.blocking]
    if failed:
        lines = tuple(f"{check.details}; {check.remedy}" for check in failed)
        raise Blocked("the environment is not ready for its platforms", details=lines)


def _checks(context: Context, found: Specification, file: StackFile) -> list[CheckFact]:
    assert context.application is not None and context.address is not None
    running = bool(context.outputs.get(outputs.PUBLIC_URL))
    remote = LOAD_BALANCERS[context.settings.load_balancer_platform].remote
    return [
        *(context.facts.checks or []),
        application.specification(found),
        application.flows(found),
        configuration.variables(found, file),
        *(
            CheckFact(name="references", status="failed", details=wrong)
            for wrong in configuration.overrides(context.environment, found, file)
        ),
        configuration.secrets(found, file),
        application.revisions(context.application, found),
        application.credentials(context.application),
        machine.disk(context.home.root),
        machine.public_port(context.address, running or remote),
        machine.external_services(found.external_services),
        database.connection(context.database),
        *neon.checks(context.settings, context.database),
        *(
            CheckFact(name=item.replace("_", " "), status="skipped", details=reason, item=item)
            for item, reason in UNSEEN.items()
        ),
    ]


def declared(found: Specification) -> frozenset[Declared]:
    """Return which parts the application has, as the report asks for them."""
    parts = {
        "frontend": found.frontend,
        "backend": found.backend,
        "database": found.database,
        "migrations": found.database and found.database.migrations,
    }
    return frozenset(part for part in get_args(Declared) if parts[part])


def release_fact(release: Release) -> ReleaseFact:
    """Return a release as the report has it."""
    artifacts = {name: a.path for name in SERVICES if (a := release.artifact(name))}
    return ReleaseFact(
        id=release.id, version=release.version, commit=release.commit, artifacts=artifacts
    )
