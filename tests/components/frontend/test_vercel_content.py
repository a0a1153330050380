"""Which releases are kept at Vercel, and which one serves."""

import pytest

from components.contract.desired import DesiredState, Rollout, Slot, Slots
from components.contract.hosted import SERVED
from components.contract.release import Release
from components.frontend.vercel_content import Content, Revision, content
from tests.components.examples import frontend, release
from tests.components.frontend.states import deployed, serving

TAGS = {"application": "todo"}


def at(state: DesiredState) -> Content:
    return content(state, TAGS)


def names(found: Content) -> list[str]:
    return [revision.release for revision in found.revisions]


def packaged(id_: str, **changes: object) -> Release:
    made = frontend(package=f"/artifacts/frontend/packages/{id_}", **changes)
    return release(id_, frontend=made, commit="c0ffee")


def test_nothing_is_declared_before_there_is_a_release() -> None:
    assert at(DesiredState()) == Content()


def test_a_revision_carries_where_it_comes_from() -> None:
    found = at(serving(packaged("r1")))

    assert found.revisions == (
        Revision(
            "r1",
            "/artifacts/frontend/packages/r1",
            {**TAGS, "release": "r1", "version": "1.0.0", "commit": "c0ffee"},
        ),
    )
    assert (found.live, found.slots, found.framework) == ("r1", {"blue": "r1"}, "nextjs")


def test_releases_in_slots_are_kept_and_the_newest_that_served() -> None:
    old = [f"r{n:02}" for n in range(SERVED + 3)]
    state = serving(*(packaged(each) for each in [*old, "new", "bad"]), blue="new", green="r00")
    history = [deployed(each) for each in old] + [deployed("bad", outcome="rolled_back")]

    found = at(state.model_copy(update={"history": tuple(history)}))

    assert names(found) == ["new", "r00", *reversed(old[-SERVED:])]


def test_what_is_kept_of_the_history_does_not_depend_on_the_slots() -> None:
    old = [f"r{n:02}" for n in range(SERVED)]
    releases = [packaged(each) for each in [*old, "bad"]]
    history = tuple(deployed(each) for each in old)
    before = serving(*releases, blue=old[-1], green=old[-2])
    during = serving(*releases, blue=old[-1], green="bad")

    kept = [set(names(at(s.model_copy(update={"history": history})))) for s in (before, during)]

    assert kept == [{*old}, {*old, "bad"}], "one that was dropped would have to be deployed again"


def test_the_releases_to_go_back_to_are_kept_during_a_rollout() -> None:
    state = serving(packaged("r1"), packaged("r2"), packaged("r3"), blue="r1", green="r3")
    rollout = Rollout(
        deployment="d",
        strategy="blue_green",
        step=1,
        steps=2,
        target="r3",
        back_to="r1",
        back_to_slots={"frontend": Slots(blue=Slot(release="r1"), green=Slot(release="r2"))},
        owner="me",
    )

    found = at(state.model_copy(update={"rollout": rollout}))

    assert sorted(names(found)) == ["r1", "r2", "r3"]
    assert found.of is not None
    assert found.of.id == "r3", "a new deployment is made with its own variables"


def test_a_release_that_ran_elsewhere_is_left_out() -> None:
    found = at(serving(release("old"), packaged("new"), blue="old", green="new"))

    assert (names(found), found.live, found.slots) == (["new"], None, {"green": "new"})


def test_the_domain_stays_where_it_was_while_nothing_has_traffic() -> None:
    state = serving(packaged("r1"), packaged("r2"), blue="r1", green="r2", weight=0)

    found = at(state.model_copy(update={"history": (deployed("r1"),)}))

    assert found.live == "r1"


def test_what_only_a_process_on_a_machine_needs_is_no_variable() -> None:
    variables = {
        "PATH": "/bin",
        "HOSTNAME": "127.0.0.1",
        "SELF": "http://127.0.0.1:${port}",
        "API_URL": "${backend.internal_url}",
        "KEY": "${secret.SESSION_KEY}",
    }
    node, static = (at(serving(packaged("r", kind=k, variables=variables))) for k in KINDS)

    assert node.variables.keys() == {"API_URL", "KEY"}
    assert (static.variables, static.framework) == ({}, None)


KINDS = ("node", "static")


def test_a_release_that_is_no_revision_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of the revisions"):
        Content(live="r1")
