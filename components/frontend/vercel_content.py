"""Which releases a frontend has at Vercel, and which of them serves. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.contract import references
from components.contract.desired import SLOTS, DesiredState, SlotName
from components.contract.hosted import hosted
from components.contract.release import Artifact, Release

NOT_PASSED_ON = frozenset({"PATH", "HOME", "HOSTNAME", "NODE_ENV", "PORT"})
"""What a process on a machine is given; functions at Vercel have their own."""

APEX_ADDRESS, SUBDOMAIN_NAME = "76.76.21.21", "cname.vercel-dns.com"
"""https://vercel.com/docs/domains/working-with-domains/add-a-domain: what names have to lead to; a
zone's own name takes an address and no other name."""


@dataclass(frozen=True)
class Revision:
    """A release as Vercel takes it: `package` is the folder that holds its `.vercel/output`.

    `meta` is shown with the deployment: at most 100 entries, texts of at most 500 characters.
    """

    release: str
    package: str
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """What is declared: the revisions, whose turn it is, and what each slot holds.

    `live` is the release that the domain leads to, None before there is one. `variables` maps
    names to templates; those of which `sensitive` says so are secrets. `framework` is Vercel's
    slug of it, None for plain files.
    """

    revisions: tuple[Revision, ...] = ()
    live: str | None = None
    slots: Mapping[SlotName, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    of: Release | None = None
    framework: str | None = None

    def __post_init__(self) -> None:
        known = {revision.release for revision in self.revisions}
        for named in filter(None, (self.live, *self.slots.values())):
            if named not in known:
                raise ValueError(f"expected one of the revisions {sorted(known)}, got {named!r}")


def content(state: DesiredState, tags: Mapping[str, str]) -> Content:
    """Return what a state asks for, with the newest releases that served for the way back.

    The variables are those of the release that is on its way, else of the live one: a deployment
    keeps the values that it was made with.
    """
    kept = {id_: release for id_ in hosted(state) if (release := _packaged(state, id_))}
    slots = {
        name: slot.release
        for name in SLOTS
        if (slot := state.frontend.slot(name)).release is not None and slot.release in kept
    }
    live = _live(state, kept)
    coming = state.rollout.target if state.rollout else None
    newest = kept.get(coming or "") or kept.get(live or "")
    artifact = newest.frontend if newest else None
    return Content(
        revisions=tuple(_revision(release, tags) for release in kept.values()),
        live=live,
        slots=slots,
        variables=_variables(artifact) if artifact else {},
        of=newest,
        framework="nextjs" if artifact and artifact.kind == "node" else None,
    )


def _packaged(state: DesiredState, release: str) -> Release | None:
    # Releases of a time when the frontend ran elsewhere have nothing that Vercel takes.
    found = state.releases.get(release)
    return found if found and found.frontend and found.frontend.package else None


def _live(state: DesiredState, kept: Mapping[str, Release]) -> str | None:
    slot = state.frontend.live()
    if slot is not None:
        release = state.frontend.slot(slot).release
        return release if release in kept else None
    # While nothing has traffic, the domain stays where it was: without it, users see an error.
    served = (r.release for r in reversed(state.history) if r.outcome == "deployed")
    return next((release for release in served if release in kept), None)


def _revision(release: Release, tags: Mapping[str, str]) -> Revision:
    assert release.frontend is not None and release.frontend.package is not None
    commit = {"commit": release.commit} if release.commit else {}
    meta = {**tags, "release": release.id, "version": release.version, **commit}
    return Revision(release.id, release.frontend.package, meta)


def _variables(artifact: Artifact) -> dict[str, str]:
    if artifact.kind != "node":
        return {}  # nothing runs that could read them
    return {
        name: template
        for name, template in artifact.variables.items()
        if name not in {*NOT_PASSED_ON, artifact.port_variable}
        and "port" not in references.names(template)
    }
