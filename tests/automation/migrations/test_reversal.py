"""What a rollback does to the schema, by what is known."""

import pytest

from automation.errors import Blocked
from automation.migrations.reversal import WayDown, choose, downward
from components.contract.desired import DesiredState
from components.contract.proof import SchemaProof
from tests.doubles.releases import release

OLD = release("old", head="0001")
DOWN = WayDown(revisions=("0002",), maker="new")
NO_WAY = WayDown(problem="0002 cannot be taken back")


def proven(tolerated: bool | None) -> DesiredState:
    proof = SchemaProof(
        release="old", head="0002", tolerated=tolerated, reason="it was tried", at="then"
    )
    return DesiredState(releases={"old": OLD}, proofs=(proof,))


UNKNOWN = DesiredState(releases={"old": OLD})


@pytest.mark.parametrize(
    ("state", "down", "mode"),
    [
        (proven(True), DOWN, "keep"),
        (proven(True), NO_WAY, "keep"),
        (proven(False), DOWN, "downgrade"),
        (proven(None), DOWN, "downgrade"),
        (UNKNOWN, DOWN, "downgrade"),
    ],
)
def test_the_schema_is_kept_where_that_is_proven_and_else_taken_down(state, down, mode):
    assert choose(state, OLD, "0002", down, backup="b").mode == mode


@pytest.mark.parametrize("state", [proven(False), proven(None), UNKNOWN])
def test_without_a_proof_and_a_way_down_it_is_refused_and_the_others_are_offered(state):
    with pytest.raises(Blocked, match="not known to live with the schema 0002") as refused:
        choose(state, OLD, "0002", NO_WAY, backup="b.dump")

    assert "0002 cannot be taken back" in refused.value.details[1]
    assert "--database keep" in refused.value.hint
    assert "returns to b.dump" in refused.value.hint


@pytest.mark.parametrize("wanted", ["keep", "downgrade", "restore"])
def test_whoever_says_what_they_want_gets_it_with_what_it_means(wanted):
    found = choose(proven(True), OLD, "0002", DOWN, backup="b.dump", wanted=wanted)

    assert found.mode == wanted
    assert found.consequences
    assert found.moves is (wanted != "keep")


def test_a_release_that_is_not_proven_may_be_kept_with_a_warning():
    found = choose(proven(False), OLD, "0002", DOWN, backup=None, wanted="keep")

    assert "may fail on it: refuted at then: it was tried" in found.consequences[1]


def test_what_cannot_be_done_is_refused_although_it_is_wanted():
    with pytest.raises(Blocked, match="cannot be downgraded to 0001: 0002 cannot be taken back"):
        choose(proven(True), OLD, "0002", NO_WAY, backup=None, wanted="downgrade")
    with pytest.raises(Blocked, match="no backup is kept that holds the schema 0001"):
        choose(proven(True), OLD, "0002", DOWN, backup=None, wanted="restore")


def test_a_way_down_goes_newest_first_and_stops_at_what_cannot_be_taken_back():
    assert downward(["0002", "0003"], [], "new").revisions == ("0003", "0002")
    assert downward(["0002", "0003"], ["0002"], "new").problem == "0002 cannot be taken back"


def test_the_newest_proof_counts_and_those_of_forgotten_releases_go():
    state = proven(False).with_proof(proven(True).proofs[0])
    gone = SchemaProof(release="gone", head="0002", tolerated=True, reason="", at="")

    assert [proof.tolerated for proof in state.proofs] == [True]
    assert state.proof("old", "0002").tolerated is True
    assert state.proof("old", "0003") is None
    kept = state.model_copy(update={"proofs": (gone, *state.proofs)})
    assert [p.release for p in kept.with_proof(state.proofs[0]).proofs] == ["old"]
