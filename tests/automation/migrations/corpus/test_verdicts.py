"""The corpus, quickly: for each real-world migration the verdict of the lint and of the policy."""

from dataclasses import dataclass, replace

import pytest

from automation.errors import Blocked
from automation.migrations.lint import squawk
from automation.migrations.lint.linter import lint
from automation.migrations.policy import Decision, decide
from components.contract.settings import Settings
from tests.automation.migrations.corpus.looking import LIVE, look
from tests.fixtures.migrations.corpus.all import CASES
from tests.fixtures.migrations.corpus.case import Case


@dataclass(frozen=True)
class Proof:
    tolerated: bool | None


def said(decision: Decision) -> str:
    if decision.blocked:
        return "blocks"
    return "undecided" if decision.undecided else "passes"


def test_the_corpus_is_large_and_its_names_are_its_own():
    names = [case.name for case in CASES]

    assert len(names) >= 25
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lint_and_policy_say_of_a_migration_what_is_expected(case: Case, tmp_path):
    if "stops" in case.policy.values():
        with pytest.raises(Blocked):
            look(case, tmp_path)
        return
    looked = look(case, tmp_path)
    catalogue = replace(LIVE, open_for={"orders": 60.0}) if case.slow_transaction else LIVE

    findings, note = squawk.merged(looked.subjects, lint(looked.subjects, catalogue))

    assert note == ""
    assert {each.rule for each in findings} == case.lint
    decided = {
        (policy, downtime): said(decide(findings, None, Settings(database_policy=policy), downtime))
        for policy, downtime in case.policy
    }
    assert decided == dict(case.policy)
    assert said(decide(findings, Proof(True), Settings(), False)) == case.tolerated
    if case.policy["balanced", False] == "undecided":
        for unproven in (Proof(False), Proof(None)):
            assert said(decide(findings, unproven, Settings(), False)) == "blocks"
