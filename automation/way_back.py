"""The way back: which release it leads to, what taking it means, and what it needs."""

from collections.abc import Iterator
from pathlib import Path

from automation.context import Context
from automation.reports.happened import PlannedStep, WayBackFact
from components.contract.desired import DesiredState
from components.contract.hosted import hosted
from components.contract.platforms import SERVED_BY
from components.contract.release import SERVICES, Release, ServiceName
from components.contract.settings import Settings


def previous(state: DesiredState) -> Release | None:
    """Return the release that was live before the one that is, as the history has it."""
    live = state.live_release()
    if live is None:
        return None
    for record in reversed(state.history):
        if record.outcome == "deployed" and record.release != live.id:
            return state.releases.get(record.release)
    return None


def missing(state: DesiredState, settings: Settings, release: Release) -> list[str]:
    """Return the folders that going back to a release takes from this machine, and that are gone.

    What a cluster pulls, and what a hosting platform has already, is taken from there.
    """
    return [path for path in _needed(state, settings, release) if not Path(path).exists()]


def unfit(settings: Settings, release: Release) -> list[ServiceName]:
    """Return the services that were built for a platform on this machine and now run elsewhere."""
    return [
        name
        for name in SERVICES
        if (artifact := release.artifact(name)) is not None
        and SERVED_BY[name][settings.platform(name)].remote
        and not (artifact.image or artifact.package)
    ]


def _needed(state: DesiredState, settings: Settings, release: Release) -> Iterator[str]:
    for name in SERVICES:
        artifact = release.artifact(name)
        if artifact is None:
            continue
        if not SERVED_BY[name][settings.platform(name)].remote:
            yield artifact.path
        elif artifact.package is not None and release.id not in hosted(state):
            yield artifact.package


def fact(context: Context) -> WayBackFact | None:
    """Return the way back from what is live now, or None where there is none."""
    live, back = context.declared.live_release(), previous(context.declared)
    if live is None or back is None:
        context.facts.explain("evidence.way_back", "no other release was live before")
        return None
    command = f"./slipway rollback {context.environment}"
    found = context.specification
    return WayBackFact(
        command=command,
        release=back.id,
        version=back.version,
        effect=_effect(context.declared, live, back),
        configuration=configuration(live, back),
        artifacts={name: a.path for name in SERVICES if (a := back.artifact(name))},
        steps=(
            PlannedStep(description="Return traffic to the previous release", command=command),
            PlannedStep(
                description="See that it is live and healthy",
                command=f"./slipway status {context.environment}",
            ),
        ),
        procedure=found.rollback.procedure if found else (),
        triggers=found.rollback.triggers if found else (),
        criteria=("every replica is ready", f"the release header names {back.id}"),
        timeout_seconds=float(context.settings.health_timeout_seconds),
    )


def _effect(state: DesiredState, live: Release, back: Release) -> str:
    at = state.alembic_head or live.alembic_head
    if at == back.alembic_head:
        return "the schema is the same for both releases"
    proof = state.proof(back.id, at)
    if proof is not None and proof.tolerated:
        return f"the schema stays at {at}: {back.id} was seen to live with it in the rehearsal"
    known = proof.reason if proof is not None else "no rehearsal has tried it"
    return (
        f"the schema goes from {at} down to {back.alembic_head} first, after a backup, with "
        f"downtime: {back.id} is not known to live with it ({known}); --database chooses otherwise"
    )


def configuration(live: Release, back: Release) -> str:
    """Say what becomes of variables and secrets on the way back, by names and versions alone."""
    if not back.secret_versions and (back.secrets or back.required_secrets):
        return (
            f"variables are those of {back.id}; it was recorded before secrets had versions, "
            "so it gets their current values"
        )
    changed = [
        f"{name} to version {version}"
        for name, version in back.secret_versions.items()
        if live.secret_versions.get(name, version) != version
    ]
    told = f"secrets go back: {', '.join(changed)}" if changed else "secrets stay the same"
    return f"variables are those of {back.id}; {told}"
