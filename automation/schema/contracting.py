"""Contracting revisions that the live release brought and the database still lacks.

A contraction that was cut short, or that got no lock, is outstanding until the next `up`.
"""

from collections.abc import Sequence

from automation.context import Context
from automation.errors import SlipwayError
from automation.migrations.connection import Target
from automation.migrations.graph import revisions_at, route
from automation.schema.artifacts import graph_of
from automation.specification.revision import Revision
from components.contract.desired import DesiredState


def outstanding(state: DesiredState) -> tuple[str, ...]:
    """Return the ids of those that the stack's state lacks, oldest first. No database is asked."""
    at = (state.alembic_head,) if state.alembic_head is not None else ()
    return tuple(one.id for one in _later(state, at))


def left(context: Context) -> bool:
    """Tell whether the database lacks some; what `up` finds out before it calls all unchanged."""
    if context.database is None or context.application is None:
        return False
    return bool(_later(context.live, revisions_at(Target.owner(context.database))))


def _later(state: DesiredState, at: Sequence[str]) -> tuple[Revision, ...]:
    live = state.live_release()
    if live is None or live.alembic_head in at:
        return ()
    try:
        graph = graph_of(live)
        if graph is None or any(one not in graph.revisions for one in at):
            return ()  # a newer release's schema, which was kept: nothing of this one's is lacking
        way = route(graph, at, live=state, hold=True)
    except SlipwayError:
        return ()
    # What should have been applied before is no contraction that was cut short.
    return () if way.now else way.later
