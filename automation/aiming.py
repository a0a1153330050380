"""Aim at a release that was built before: what building and configuring it would have told."""

from automation.context import Context
from automation.reports.observed import CheckFact
from automation.specification.models import Specification
from automation.steps.validate import declared, release_fact
from components.contract.release import Release


def aim(
    context: Context, release: Release, specification: Specification | None, details: str
) -> None:
    """Put a release into the context, with its specification where that is known.

    `details` are those of the check of the release. Something has to be live.
    """
    live = context.live.live_release()
    assert live is not None
    context.application, context.release, context.address = None, release, context.live.address
    context.facts.application = release.application
    context.facts.release = release_fact(release)
    context.facts.previous = release_fact(live)
    if specification is not None:
        context.specification = specification
        context.facts.declared = declared(specification)
    context.facts.checks = [CheckFact(name="release", status="passed", details=details)]
