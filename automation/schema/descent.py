"""The way down from where the database is to an older release's revision."""

from collections.abc import Iterator

from automation.errors import InvalidInput
from automation.migrations.reversal import WayDown, downward
from automation.schema.artifacts import graph_of
from automation.specification.migrations import Graph
from components.contract.desired import DesiredState
from components.contract.release import Release


def down(state: DesiredState, at: str, head: str) -> WayDown:
    """Return the downgrade, by the release whose artifact has both revisions."""
    for release, graph in _graphs(state):
        if at not in graph.revisions or head not in graph.revisions:
            continue
        try:
            to, to_head = _all(graph, at), _all(graph, head)
        except InvalidInput as problem:
            return WayDown(problem=problem.message)
        if head not in to:
            return WayDown(problem=f"{at} does not build on {head}")
        path = [one for one in to if one not in to_head]
        stuck = [one for one in path if not graph.revisions[one].reversible]
        return downward(path, stuck, release.id)
    return WayDown(problem=f"no release whose artifact is kept has both {at} and {head}")


def _graphs(state: DesiredState) -> Iterator[tuple[Release, Graph]]:
    live = state.live_release()
    releases = [release for release in state.releases.values() if release != live]
    for release in ([live] if live else []) + releases[::-1]:
        graph = graph_of(release)
        if graph is not None:
            yield release, graph


def _all(graph: Graph, last: str) -> list[str]:
    """Return a revision and all that it builds on, oldest first."""
    seen: set[str] = set()
    stack = [last]
    while stack:
        one = stack.pop()
        if one not in seen:
            seen.add(one)
            stack += [*graph.revisions[one].parents, *graph.revisions[one].depends_on]
    return [one.id for one in graph.path(None) if one.id in seen]
