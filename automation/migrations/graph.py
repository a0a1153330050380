"""The way from the database's revision to the code's head, and what is held back on it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from automation.errors import Blocked, InvalidInput
from automation.migrations.connection import Target
from automation.specification.migrations import Graph
from automation.specification.revision import Revision
from components.contract.desired import DesiredState


@dataclass(frozen=True, kw_only=True)
class Route:
    """Revisions to apply, oldest first: `now`, and `later`, when the old release is gone.

    `target` is the revision that the database is at in between.
    """

    at: tuple[str, ...]
    head: str | None
    target: str | None
    now: tuple[Revision, ...]
    later: tuple[Revision, ...]


def revisions_at(target: Target) -> tuple[str, ...]:
    """Return all revisions that the database is at: several on an unmerged branch, or none."""
    with target.connect() as connection:
        row = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if row is None or row[0] is None:
            return ()
        found = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1")
        return tuple(str(one) for (one,) in found)


def route(graph: Graph, at: Collection[str], *, live: DesiredState, hold: bool) -> Route:
    """Return the way to the head. With `hold`, contracting revisions are left for later.

    Raise Blocked for a database that the code does not know, naming the releases that do, for two
    heads, and for a revision that must come before the old release is gone but follows one that
    must not.
    """
    _known(graph, at, live)
    head = graph.head
    done = set(_down(graph, at))
    path = [one for one in graph.path(None) if one.id not in done]
    held = _held(path) if hold else []
    if any(one.marker.phase != "contract" for one in held):
        # What the live release brought itself does without it: its contraction was cut short.
        brought = _brought(graph, live)
        held = _held([one for one in path if one.id not in brought])
    wrong = [one for one in held if one.marker.phase != "contract"]
    if wrong:
        first = next(one for one in held if one.marker.phase == "contract")
        raise InvalidInput(
            f"{wrong[0].file}: {wrong[0].id} follows {first.id}, which is contracting and waits "
            "until the old release is gone",
            hint="Deploy the contracting revision first, or put it after the others; a strategy "
            "with downtime (slipway:strategy: recreate) applies all of them at once.",
        )
    now = tuple(one for one in path if one not in held)
    if held and now and {one.id for one in now} - set(_down(graph, (now[-1].id,))):
        raise InvalidInput(
            f"{held[0].file}: {held[0].id} is contracting and holds back the merge of branches",
            hint="Merge the branches in a revision before it, and make it follow that one.",
        )
    return Route(
        at=tuple(sorted(at)),
        head=head,
        # Several heads lead to one merge, so the last that is applied is the only head then.
        target=now[-1].id if now else next(iter(sorted(at)), None),
        now=now,
        later=tuple(held),
    )


def _held(path: Sequence[Revision]) -> list[Revision]:
    """Return the contracting revisions and all that build on them."""
    held: list[Revision] = []
    for one in path:
        names = {each.id for each in held}
        if one.marker.phase == "contract" or names & {*one.parents, *one.depends_on}:
            held.append(one)
    return held


def _brought(graph: Graph, live: DesiredState) -> set[str]:
    """Return the revisions of the live release, none where it has others than the graph."""
    release = live.live_release()
    head = release.alembic_head if release is not None else None
    return set(_down(graph, (head,))) if head is not None and head in graph.revisions else set()


def _known(graph: Graph, at: Iterable[str], live: DesiredState) -> None:
    for name in at:
        if name in graph.revisions:
            continue
        releases = [f"{one.id} ({one.version})" for one in live.releases.values()
                    if one.alembic_head == name]  # fmt: skip
        told = f"made by {', '.join(releases)}" if releases else "made by no release in the history"
        back = "Deploy a version that has it, or let the one that made it downgrade the database."
        raise Blocked(
            f"the database is at revision {name}, which this application does not have; {told}",
            hint=f"A newer release migrated the database. {back} Nothing was changed.",
        )


def _down(graph: Graph, at: Iterable[str]) -> list[str]:
    """Return what a database at these revisions has had."""
    stack, seen = list(at), list[str]()
    while stack:
        one = stack.pop()
        if one not in seen:
            seen.append(one)
            stack += [*graph.revisions[one].parents, *graph.revisions[one].depends_on]
    return seen
