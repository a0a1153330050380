"""What sets off the way back, as the report names it: what was not gone on from, nothing else."""

import pytest

from automation.context import Context
from automation.errors import RolledBack
from automation.reports.cause import failed_gate, trigger
from tests.automation.deployment.endings import (
    bad_after_the_rollout,
    ended,
    failing,
    report_of,
    specified,
)
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard
from tests.doubles.statistics import Statistics


@pytest.fixture
def statistics(installation):
    """The numbers of a load balancer, which a canary is judged by."""
    with Statistics() as numbers:
        installation.engine.statistics = numbers.url
        installation.settings |= {"strategy": "canary", "gate_synthetic_requests": 0}
        yield numbers


def went_back(installation: Installation, heard: Heard | None = None) -> Context:
    """Deploy what goes back; that failures are counted was seen before."""
    context = installation.open(heard)
    context.proven |= {"backend", "frontend"}
    with pytest.raises(RolledBack):
        installation.deploy(context)
    return context


def idle_slot(installation: Installation) -> str:
    return installation.engine.state().backend.idle()


def test_too_many_errors_among_the_traffic_of_a_canary_are_the_error_rate(
    installation, live, statistics
):
    statistics.failing = frozenset({idle_slot(installation)})

    context = went_back(installation)

    assert failed_gate(context.facts).gate == "traffic"
    assert trigger(context.facts) == "error_rate"
    assert "high error rate (`error_rate`)" in (context.folder / "incident.md").read_text()
    (issue,) = report_of(context)["issues_encountered"]
    assert issue["severity"] == "critical"


def test_a_canary_that_is_slower_than_the_old_release_is_the_latency(
    installation, live, statistics
):
    statistics.slow = frozenset({idle_slot(installation)})

    context = went_back(installation)

    assert trigger(context.facts) == "latency"
    (issue,) = report_of(context)["issues_encountered"]
    assert issue["severity"] == "high"


def test_a_canary_without_a_verdict_is_inconclusive(installation, live, statistics):
    statistics.idle = True
    installation.settings["gate_thin_traffic"] = "stop"

    context = went_back(installation)

    assert trigger(context.facts) == "inconclusive"
    (issue,) = report_of(context)["issues_encountered"]
    assert issue["severity"] == "medium"


def test_a_missing_verdict_that_was_gone_on_from_is_not_blamed_for_what_fails_later(
    installation, live, statistics
):
    statistics.idle = True
    installation.settings["gate_thin_traffic"] = "continue"

    context = went_back(installation, bad_after_the_rollout(installation))

    assert any(gate.verdict == "inconclusive" for gate in context.facts.gates)
    assert trigger(context.facts) == "smoke_test"
    report_of(context)


def test_nor_is_it_blamed_for_what_the_engine_does_not_do(installation, live, statistics):
    statistics.idle = True
    installation.settings["gate_thin_traffic"] = "continue"
    installation.engine.before = failing(4)

    context = went_back(installation)

    assert any(gate.verdict == "inconclusive" for gate in context.facts.gates)
    assert failed_gate(context.facts) is None
    assert trigger(context.facts) == "engine"


def test_errors_under_the_load_of_verify_are_the_error_rate(installation, live):
    def on_line(text: str) -> None:
        if text == "2 requests":
            installation.engine.broken = lambda release: release != live

    _, context = ended(installation, RolledBack, Heard(on_line=on_line))

    assert context.facts.ended_at().name == "verify"
    assert failed_gate(context.facts).gate == "performance"
    assert trigger(context.facts) == "error_rate"
    report = report_of(context)
    number = len(report["evidence"]["gates"]) - 1
    assert (
        report["details"][f"evidence.gates.{number}.step"] == "this was looked at after the rollout"
    )
    assert report["details"][f"evidence.gates.{number}.service"] == (
        "the gate looked at all services together"
    )


def test_a_flow_on_the_consistency_of_data_that_fails_is_about_data(installation, live):
    heard = bad_after_the_rollout(installation)
    specified(installation, "category: integration", "category: data_consistency")

    _, context = ended(installation, RolledBack, heard)

    assert trigger(context.facts) == "data"


def test_a_replica_that_is_not_ready_is_a_matter_of_health(installation, live):
    installation.engine.sick = lambda release: release != live

    _, context = ended(installation, RolledBack)

    assert trigger(context.facts) == "health"


def test_what_the_engine_refuses_is_the_engines(installation, live):
    installation.engine.before = failing(2)

    _, context = ended(installation, RolledBack)

    assert trigger(context.facts) == "engine"
    (issue,) = report_of(context)["issues_encountered"]
    assert issue["severity"] == "high"
