"""The way from the database to the head, and what is held back on it."""

import pytest

from automation.errors import Blocked, InvalidInput
from automation.migrations.graph import revisions_at, route
from automation.specification.marker import Marker
from automation.specification.migrations import Graph
from automation.specification.revision import Revision
from components.contract.desired import DesiredState, Slot, Slots
from tests.doubles.releases import release

CONTRACT = Marker(phase="contract")


def graph(*revisions: tuple) -> Graph:
    """Make a graph of (id, parents) or (id, parents, marker)."""
    made = [
        Revision(
            id=name,
            parents=tuple(parents),
            depends_on=(),
            labels=(),
            message="",
            irreversible_because="",
            file=f"{name}.py",
            marker=marker[0] if marker else Marker(),
        )
        for name, parents, *marker in revisions
    ]
    return Graph({one.id: one for one in made})


def ids(revisions) -> list[str]:
    return [one.id for one in revisions]


def way(found: Graph, *at: str, hold: bool = True):
    return route(found, at, live=DesiredState(), hold=hold)


LINE = graph(("a", ()), ("b", ("a",)), ("c", ("b",)))
MERGED = graph(("a", ()), ("b", ("a",)), ("c", ("a",)), ("d", ("b", "c")))


def test_the_way_is_what_the_database_lacks_oldest_first():
    assert ids(way(LINE, "a").now) == ["b", "c"]
    assert ids(way(LINE).now) == ["a", "b", "c"]
    assert ids(way(LINE, "c").now) == []
    assert (way(LINE, "a").target, way(LINE, "c").target) == ("c", "c")


def test_a_database_on_one_branch_gets_the_other_and_the_merge():
    assert ids(way(MERGED, "b").now) == ["c", "d"]
    assert ids(way(MERGED, "b", "c").now) == ["d"]


def test_two_heads_are_named_with_the_command_that_joins_them():
    with pytest.raises(InvalidInput, match=r"2 heads: b .*, c ") as stopped:
        way(graph(("a", ()), ("b", ("a",)), ("c", ("a",))), "a")

    assert 'alembic merge -m "merge heads" b c' in stopped.value.hint


def test_a_database_that_a_newer_release_migrated_stops_and_names_that_release():
    newer = release("2.0.0-new").model_copy(update={"alembic_head": "z"})
    live = DesiredState(releases={newer.id: newer})

    with pytest.raises(Blocked, match=r"revision z, .* made by 2\.0\.0-new") as stopped:
        route(LINE, ("z",), live=live, hold=True)

    assert "A newer release migrated the database" in stopped.value.hint


def test_a_revision_that_nobody_knows_stops_as_well():
    with pytest.raises(Blocked, match="no release in the history"):
        way(LINE, "z")


def test_a_contracting_revision_waits_until_the_old_release_is_gone():
    found = way(graph(("a", ()), ("b", ("a",)), ("c", ("b",), CONTRACT)), "a")

    assert (ids(found.now), ids(found.later)) == (["b"], ["c"])
    assert (found.target, found.head) == ("b", "c")


def test_nothing_waits_where_no_old_release_is_served():
    found = way(graph(("a", ()), ("b", ("a",), CONTRACT)), hold=False)

    assert (ids(found.now), ids(found.later)) == (["a", "b"], [])


def test_only_contracting_revisions_leave_the_database_where_it_is():
    found = way(graph(("a", ()), ("b", ("a",), CONTRACT)), "a")

    assert (found.now, ids(found.later), found.target) == ((), ["b"], "a")


def test_an_ordinary_revision_after_a_contracting_one_cannot_be_reached_in_time():
    with pytest.raises(InvalidInput, match=r"c\.py: c follows b, which is contracting"):
        way(graph(("a", ()), ("b", ("a",), CONTRACT), ("c", ("b",))), "a")


def test_an_ordinary_revision_may_follow_a_contraction_of_the_live_release_that_was_cut_short():
    held = release("1.0.0-old", head="b")
    live = DesiredState(
        releases={held.id: held},
        backend=Slots(blue=Slot(release=held.id, replicas=1, weight=100)),
    )
    line = graph(("a", ()), ("b", ("a",), CONTRACT), ("c", ("b",)), ("d", ("c",), CONTRACT))

    found = route(line, ("a",), live=live, hold=True)

    assert (ids(found.now), ids(found.later)) == (["b", "c"], ["d"])


def test_a_contracting_merge_holds_no_branch_back():
    found = graph(("a", ()), ("b", ("a",)), ("c", ("a",)), ("d", ("b", "c"), CONTRACT))

    with pytest.raises(InvalidInput, match="holds back the merge of branches"):
        way(found, "a")


def test_a_database_says_all_revisions_that_it_is_at(owner):
    assert revisions_at(owner) == ()
    with owner.connect() as connection:
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('b'), ('a')")

    assert revisions_at(owner) == ("a", "b")
