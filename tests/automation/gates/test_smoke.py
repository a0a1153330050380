"""A failed flow that matters is a reason to go back; one that was not seen is no pass."""

import pytest

from automation.gates.base import Context, GateResult, Verdict
from automation.gates.smoke import SmokeGate
from automation.smoke.results import FlowResult, FlowStatus
from automation.specification.models import Severity


def flow(status: FlowStatus, severity: Severity = "critical", name: str = "login") -> FlowResult:
    message = None if status == "passed" else "step 1: why"
    return FlowResult(name, "authentication", severity, status, 5, message)


def evaluate(*flows: FlowResult) -> GateResult:
    return SmokeGate().evaluate(Context(flows=flows))


def test_flows_that_passed_pass() -> None:
    result = evaluate(flow("passed"), flow("passed", "low"))

    assert (result.verdict, result.reason) == (Verdict.PASS, "2 of 2 flows passed")
    assert result.findings == ()


@pytest.mark.parametrize("severity", ["critical", "high"])
def test_a_grave_flow_that_failed_fails(severity: Severity) -> None:
    result = evaluate(flow("passed"), flow("failed", severity, "add"))

    assert result.verdict is Verdict.FAIL
    assert result.reason == f"add ({severity}): step 1: why"


@pytest.mark.parametrize("severity", ["medium", "low"])
def test_a_minor_flow_that_failed_passes_with_a_note(severity: Severity) -> None:
    result = evaluate(flow("passed"), flow("failed", severity, "export"))

    assert result.verdict is Verdict.PASS
    assert result.reason == "1 of 2 flows passed, 1 of lower severity failed"
    assert result.findings == (f"smoke flow export ({severity}) failed: step 1: why",)


def test_a_grave_flow_that_was_skipped_leaves_the_verdict_open() -> None:
    assert evaluate(flow("passed"), flow("skipped")).verdict is Verdict.INCONCLUSIVE
    assert evaluate(flow("passed"), flow("skipped", "low")).verdict is Verdict.PASS


def test_nothing_but_minor_failures_is_no_pass() -> None:
    assert evaluate(flow("failed", "low")).verdict is Verdict.INCONCLUSIVE
