from dataclasses import replace
from datetime import timedelta

import pytest

from automation.events import Events
from automation.gates.base import Context as Gated
from automation.gates.base import GateResult, Verdict
from automation.gates.judge import judge
from automation.gates.smoke import SmokeGate
from automation.reports.assembly import build_report
from automation.reports.cause import documented, trigger
from automation.reports.course import EventFact, GateFact, UndoStepFact
from automation.reports.incident import incident
from automation.reports.page import html_page
from automation.reports.summary import summary_text
from automation.reports.timeline import Timeline
from automation.smoke.results import FlowResult
from automation.specification.models import Thresholds
from components.contract.settings import Settings
from tests.automation.reports import examples
from tests.doubles.clock import FakeClock
from tests.doubles.traffic import Balancer, Slot

WELL, FAILING = Slot(rate=2850), Slot(rate=150, fails_every=10)
SLOW = Slot(rate=150, ms=2000)
SHARES = (5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100)


def traffic(new: Slot, **settings) -> GateResult:
    """What the traffic gate says of a slot beside one that is well."""
    balancer = Balancer(FakeClock(), {("backend", "green"): new, ("backend", "blue"): WELL})
    return judge(
        balancer,
        {"backend": "green"},
        {"backend": "blue"},
        settings=Settings(gate_requests=200, canary_hold_seconds=10, **settings),
        thresholds=Thresholds(),
        gated_steps=len(SHARES),
        sender=None,
        clock=balancer.clock,
    ).result


def smoke(*categories: str) -> GateResult:
    """What the smoke gate says of flows that failed."""
    flows = [FlowResult(each, each, "high", "failed", 5, "got 500") for each in categories]
    return SmokeGate().evaluate(Gated(flows=tuple(flows)))


def gate(result: GateResult, name="traffic", **given) -> GateFact:
    known = {
        "step": 3,
        "service": "backend",
        "slot": "green",
        "weight": 15,
        "at": examples.STARTED + timedelta(seconds=9.5),
        "log": ("Traceback", "no such planet"),
        "ended": result.verdict is not Verdict.PASS,
    }
    return GateFact(
        gate=name,
        verdict=result.verdict.value,
        reason=result.reason,
        evidence=result.evidence,
        **{**known, **given},
    )


def canary():
    """Facts of a canary of twelve steps that its third one's gate has stopped."""
    facts = examples.rolled_back()
    facts.smoke = examples.deployed().smoke
    stopped = traffic(FAILING)
    facts.outcome, facts.reason = "rolled_back", f"15 % to green: {stopped.reason}"
    facts.steps = examples.steps(*examples.o.STEPS[:7], last="failed", message=facts.reason)
    facts.rollout = [
        examples.h.RolloutStepFact(
            number=number,
            description=f"{share} % to green",
            verdict="pass" if number < 3 else "fail" if number == 3 else None,
            seconds=15.0 if number <= 3 else None,
            weights={"backend": share},
        )
        for number, share in enumerate(SHARES, start=1)
    ]
    facts.gates = [gate(traffic(WELL), step=2), gate(stopped)]
    facts.timeline = [
        EventFact(
            at=examples.STARTED + timedelta(seconds=second),
            kind="weights",
            text=f"backend blue {100 - share} %, green {share} %",
        )
        for second, share in ((1, 5), (4, 10), (7, 15), (10, 0))
    ]
    facts.rollback = examples.h.RollbackFact(
        reason=facts.reason,
        status="success",
        seconds=6.5,
        traffic_seconds=0.314,
        steps=(
            UndoStepFact(description="traffic back to the old release", status="passed", seconds=1),
        ),
        verified="every replica is ready and the public address names r-old",
    )
    return facts


def section(text: str, title: str) -> str:
    return text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_it_says_what_failed_with_step_gate_and_trigger():
    told = section(incident(canary()), "What failed")

    assert "Trigger: high error rate (`error_rate`)" in told
    assert "Step: roll\\_out" in told or "Step: roll_out" in told
    assert "Step of the rollout: 3 of 12, 15 % to green" in told
    assert "Gate: traffic on backend green, which had 15 % of the traffic: fail, " in told
    assert "30 of 300 requests failed" in told
    assert "Release: `r-new`, version 1.1.0, commit" in told


def test_the_evidence_is_in_numbers():
    told = section(incident(canary()), "Evidence")

    assert "| backend / new / errors | 30 |" in told
    assert "| backend / new / p95\\_ms | 10" in told
    assert "Sent: 60, failed: 2 (3.33 %)" in told
    assert "2 of them: 503" in told
    assert "Longest time without a success: 130 ms" in told
    assert "backend: `r-new` gave 120 responses" in told
    assert "no such planet" in told


def test_the_timeline_has_weights_and_verdicts_in_the_order_of_time():
    lines = section(incident(canary()), "Timeline").splitlines()

    kinds = [line.split(" | ")[1] for line in lines if line.startswith("| 05:")]
    assert kinds[:2] in (["begin", "issue"], ["issue", "begin"])
    assert kinds[2:] == ["weights", "weights", "weights", "verdict", "verdict", "weights"]
    assert "| 05:06:16.500 | verdict | traffic of backend green at 15 %: fail" in "\n".join(lines)


def test_it_says_what_was_done_how_fast_and_how_that_was_verified():
    told = section(incident(canary()), "What was done")

    assert "1. traffic back to the old release: passed, 1.0 s" in told
    assert "until all traffic was on the old release: 0.31 s" in told
    assert "Verified: every replica is ready and the public address names r-old" in told


def test_it_says_what_is_live_and_what_is_left_to_do():
    facts = canary()
    facts.immediate = ["rotate the key"]
    text = incident(facts)

    assert "Release `r-old`, version 1.0.0" in section(text, "What is live now")
    assert "Schema: `0003`; 1 migrations applied, backup `backup-42.dump`" in text
    left = section(text, "What is open for a person")
    assert "- rotate the key" in left
    assert "`./slipway up development`" in left


def test_a_way_back_that_failed_claims_nothing():
    text = incident(examples.failed())

    assert "Verified: no" in text
    assert "Result: failed" in text
    assert "until all traffic was on the old release: not measured" in text
    assert "Not observed" in section(text, "What is live now")
    assert "The old release was not seen to serve again" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("deployed", False),
        ("blocked", False),
        ("interrupted", False),
        ("rolled_back", True),
        ("failed", True),
    ],
)
def test_only_what_failed_or_went_back_is_an_incident(name, expected):
    assert documented(examples.ALL[name]()) is expected


def test_an_interrupt_that_may_have_touched_something_is_an_incident():
    facts = examples.validated(steps=examples.steps("validate", "provision", last="interrupted"))

    assert documented(facts)
    assert trigger(facts) == "interrupted"


def test_a_rollback_by_command_is_documented_as_one():
    facts = examples.deployed()
    facts.action = "rollback"

    rollback = build_report(facts).rollback

    assert (rollback.executed, rollback.reason) == (True, "asked for by ada")
    assert "Rolled back by command" in incident(facts)
    assert "asked for by a person (`operator`)" in incident(facts)
    facts.outcome = "unchanged"
    assert build_report(facts).rollback.executed is False
    assert not documented(facts)


FAILED = GateResult(Verdict.FAIL, "it is not well")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (gate(traffic(FAILING)), "error_rate"),
        (gate(traffic(SLOW)), "latency"),
        (gate(traffic(Slot(rate=1), gate_thin_traffic="stop")), "inconclusive"),
        (gate(smoke("pages", "data_consistency"), "smoke"), "smoke_test"),
        (gate(smoke("data_consistency"), "smoke"), "data"),
        (gate(FAILED, "health"), "health"),
        (gate(FAILED, "served"), "health"),
        (gate(FAILED, "performance"), "error_rate"),
        (gate(FAILED, "metrics"), "inconclusive"),
        (gate(FAILED, "one that nobody knows"), "other"),
    ],
)
def test_the_trigger_is_what_the_gate_says_that_the_deployment_did_not_go_on_from(found, expected):
    facts = canary()
    facts.gates = [found, gate(traffic(WELL), step=4)]

    assert trigger(facts) == expected


def test_a_verdict_that_was_gone_on_from_is_not_blamed_for_what_the_engine_did_not_do():
    facts = canary()
    facts.gates = [gate(traffic(Slot(rate=1), gate_thin_traffic="continue"), ended=False)]
    facts.trigger = "engine"

    assert trigger(facts) == "engine"
    assert "No gate failed" in section(incident(facts), "Evidence")


def test_a_rollout_that_was_undone_is_not_blamed_for_what_fails_after_it():
    facts = canary()
    facts.rollback = replace(facts.rollback, trigger="unfinished")

    assert trigger(facts) == "error_rate"
    facts.steps = examples.steps("validate", last="failed")
    assert trigger(facts) == "unfinished"


def test_without_a_gate_the_step_tells():
    facts = examples.rolled_back()

    assert trigger(facts) == "smoke_test"
    facts.steps = examples.steps("validate", "migrate", last="failed")
    assert trigger(facts) == "migration"


def test_what_comes_from_outside_is_no_markup():
    facts = canary()
    facts.reason = "a | b `c` <script>"
    facts.timeline = [EventFact(at=examples.STARTED, kind="note", text="x | y\nz")]

    text = incident(facts)

    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "| note | x \\| y z |" in text


def test_a_canary_of_many_steps_is_read_at_a_glance():
    facts = canary()
    report = build_report(facts)
    told, shown = html_page(report, facts), summary_text(report, facts)

    assert '<a href="incident.md">incident.md</a>' in told
    assert told.count('class="share"') == len(SHARES)
    assert '<span style="width:15%"></span></span>backend 15 %' in told
    assert "traffic of backend: fail, backend green: 30 of 300 requests failed" in told
    assert told.count("not reached</td>") == len(SHARES) - 3
    assert "rollout      3 of 12 steps\n" in shown
    assert "             3 fail            15 s  backend 15 %: 15 % to green\n" in shown
    assert "backend 20 %" not in shown


def test_a_rollout_of_very_many_steps_shows_the_last_ones():
    facts = canary()
    facts.rollout = [
        examples.h.RolloutStepFact(
            number=n, description=f"step {n}", verdict="pass", seconds=1.0, weights={"backend": n}
        )
        for n in range(1, 41)
    ]

    lines = summary_text(build_report(facts), facts).splitlines()

    assert len(lines) <= 40
    assert any("… 28 steps before" in line for line in lines)
    assert any("backend 40 %: step 40" in line for line in lines)


def test_the_listener_keeps_the_times_of_steps_and_notes():
    facts = examples.started()
    events = Events([Timeline(facts)])

    with events.step("roll_out") as notes:
        events.progress("much that nobody reads")
        events.note("a replica has died")
        notes.message = "done"
    with events.step("undo"):
        pass
    facts.tell("weights", "backend blue 0 %, green 100 %")
    facts.tell("weights", "backend blue 0 %, green 100 %")

    assert [(event.kind, event.text.split(" after ")[0]) for event in facts.timeline] == [
        ("step", "roll_out begins"),
        ("note", "a replica has died"),
        ("step", "roll_out passed"),
        ("undo", "undo begins"),
        ("undo", "undo passed"),
        ("weights", "backend blue 0 %, green 100 %"),
    ]
