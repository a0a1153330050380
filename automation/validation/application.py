"""Is the application one that can be deployed here?"""

from pathlib import Path

from automation.errors import Blocked, InvalidInput
from automation.inspection.credentials import scan
from automation.reports.observed import CheckFact
from automation.smoke.checks import problems
from automation.specification import migrations
from automation.specification.loader import warnings
from automation.specification.models import Specification
from components.contract.release import Release


def specification(found: Specification) -> CheckFact:
    """Say what the specification leaves out."""
    told = "; ".join(warnings(found)) or "every document is valid"
    return CheckFact(name="specification", status="passed", details=told)


def flows(found: Specification) -> CheckFact:
    """Check that the smoke flows can be run as they are written."""
    wrong = problems(found.smoke)
    return CheckFact(
        name="smoke flows",
        status="failed" if wrong else "passed",
        details="; ".join(wrong) or f"{len(found.smoke)} declared",
        remedy="mend `smoke` in the specification's documents" if wrong else "",
    )


def belongs(environment: str, found: Specification, live: Release | None) -> None:
    """Raise Blocked unless the application may be deployed to this environment."""
    if environment not in found.environments:
        known = ", ".join(found.environments)
        raise InvalidInput(
            f"{found.name} is not meant for {environment}: `environments` of its specification "
            f"has {known}"
        )
    if live is not None and live.application != found.name:
        raise Blocked(
            f"{environment} serves {live.application!r}, not {found.name!r}",
            hint="An environment holds one application. Name another folder with SLIPWAY_HOME, "
            f"or destroy this one first: ./slipway destroy {environment}",
        )


def revisions(application: Path, found: Specification) -> CheckFact:
    """Check that the migrations have exactly one head and can be taken back."""
    declared = found.database.migrations if found.database else None
    if declared is None:
        details = "the application has no migrations"
        return CheckFact(name="migrations", status="skipped", details=details)
    try:
        graph = migrations.revisions(application, declared)
        head = graph.head
    except InvalidInput as error:
        return CheckFact(
            name="migrations", status="failed", details=error.message, remedy=error.hint
        )
    oneway = [f"{one.id} ({one.irreversible_because})" for one in graph.irreversible]
    suffix = f"; without a way back: {', '.join(oneway)}" if oneway else ""
    details = f"one head, {head}, of {len(graph.revisions)} revisions{suffix}"
    return CheckFact(name="migrations", status="passed", details=details)


def credentials(application: Path) -> CheckFact:
    """Say where the application's files hold what looks like a credential, never what."""
    sightings = scan(application)
    if not sightings:
        details = "no file of the application holds what looks like a credential"
        return CheckFact(name="credentials in files", status="passed", details=details)
    where = ", ".join(f"{each.file}:{each.line} ({each.name})" for each in sightings)
    return CheckFact(
        name="credentials in files",
        status="failed",
        details=f"look like credentials: {where}; they are not copied anywhere",
        remedy="remove them from the files, and change them if they were ever committed",
        blocking=False,
    )
