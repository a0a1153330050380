"""The policy, as docs/migrations.md has it in a table."""

from dataclasses import dataclass

import pytest

from automation.migrations.lint.finding import Finding, Lock
from automation.migrations.policy import decide
from components.contract.settings import Settings


@dataclass(frozen=True)
class Proof:
    tolerated: bool | None


def finding(**changed: object) -> Finding:
    values = {"rule": "a-rule", "kind": "lock", "revision": "r", "message": "m", "instead": "i"}
    return Finding(**{**values, **changed})


def locked(seconds: float | None, mode: str = "SHARE") -> Finding:
    return finding(lock=Lock(mode=mode, seconds=seconds))


DROP = finding(kind="drop", incompatible=True)
HELD = finding(kind="drop", incompatible=True, held=True)


def verdict(found: Finding, policy: str, *, proof: Proof | None = None, downtime: bool = False):
    decision = decide([found], proof, Settings(database_policy=policy), downtime)
    return "block" if decision.blocks else "wait" if decision.undecided else "warn"


@pytest.mark.parametrize(
    ("found", "permissive", "balanced", "strict"),
    [
        (locked(4.9), "warn", "warn", "block"),
        (locked(5.1), "warn", "block", "block"),
        (locked(None), "warn", "warn", "block"),
        (locked(60, "SHARE UPDATE EXCLUSIVE"), "warn", "warn", "block"),
        (DROP, "warn", "wait", "block"),
        (HELD, "warn", "warn", "warn"),
        (finding(impossible=True), "block", "block", "block"),
        (finding(impossible=True, allowed=True), "warn", "warn", "warn"),
        (finding(kind="unsafe"), "warn", "warn", "block"),
    ],
)
def test_a_finding_blocks_by_the_environments_policy(found, permissive, balanced, strict):
    assert verdict(found, "permissive") == permissive
    assert verdict(found, "balanced") == balanced
    assert verdict(found, "strict") == strict


def test_what_the_old_release_may_not_tolerate_is_for_the_rehearsal_to_decide():
    assert verdict(DROP, "balanced", proof=Proof(True)) == "warn"
    assert verdict(DROP, "balanced", proof=Proof(False)) == "block"
    assert verdict(DROP, "balanced", proof=Proof(None)) == "block"
    assert verdict(DROP, "strict", proof=Proof(True)) == "block"


def test_a_strategy_with_downtime_has_nobody_to_be_compatible_with():
    assert verdict(DROP, "balanced", downtime=True) == "warn"
    assert verdict(locked(60), "balanced", downtime=True) == "warn"
    assert verdict(DROP, "strict", downtime=True) == "block"
    assert verdict(finding(impossible=True), "balanced", downtime=True) == "block"


def test_a_contracting_revision_may_drop_but_not_keep_people_waiting():
    slow = finding(incompatible=True, held=True, lock=Lock(mode="ACCESS EXCLUSIVE", seconds=60))

    assert verdict(slow, "balanced") == "block"


def test_the_patience_with_locks_is_a_setting():
    settings = Settings(database_lock_seconds=60)

    assert not decide([locked(59)], None, settings, False).blocked


def test_the_reason_names_the_policy_the_rules_and_what_the_rehearsal_said():
    found = finding(rule="drop-column", table="orders", incompatible=True)

    refused = decide([found], Proof(False), Settings(), False).reason
    unproven = decide([found], Proof(None), Settings(), False).reason

    assert refused == (
        "databasePolicy balanced blocks drop-column on orders (r); "
        "the old release failed on the new schema in the rehearsal"
    )
    assert "nothing proved" in unproven
    assert "the rehearsal decides on drop-column" in decide([found], None, Settings(), False).reason
