"""A signal at any moment: nothing changed, led back, or complete; and always a report."""

import signal

import pytest

from automation.errors import Interrupted
from automation.redaction import Redactor
from tests.automation.deployment.endings import Stopped, ended, report_of, serving
from tests.doubles.listener import Heard

BEFORE = ("validate", "build", "configure", "plan", "provision")


MIDDLE = ("migrate", "roll_out", "verify", "smoke_test", "secure")


COMPLETE = ("document", "watch")


def interrupted_at(wanted: str, number: int = signal.SIGINT) -> Heard:
    """A listener that sends a signal to this process when a step begins."""
    return Heard(lambda step: signal.raise_signal(number) if step == wanted else None)


def test_an_interrupt_while_nothing_new_is_declared_does_not_call_what_is_live_rolled_back(
    installation,
):
    installation.deploy(installation.open())
    before = installation.engine.state()
    installation.engine.after = lambda _n: signal.raise_signal(signal.SIGINT)

    error, _ = ended(installation, Interrupted)

    assert "before this deployment changed anything" in error.message
    assert installation.engine.state() == before


@pytest.mark.parametrize("step", BEFORE)
def test_an_interrupt_before_the_first_change_touches_nothing(installation, live, step):
    error, context = ended(installation, Interrupted, interrupted_at(step))

    assert error.exit_code == 130
    assert installation.engine.states == []
    assert serving(installation.engine) == live
    assert context.facts.step(step).status == "interrupted"
    report_of(context)


@pytest.mark.parametrize("step", MIDDLE)
def test_an_interrupt_after_the_first_change_leads_back(installation, live, step):
    error, context = ended(installation, Interrupted, interrupted_at(step, signal.SIGTERM))

    assert error.exit_code == 130
    assert f"{live} serves again and was verified" in error.message
    assert serving(installation.engine) == live
    assert installation.engine.state().rollout is None
    assert context.facts.outcome == "interrupted"
    report_of(context)


@pytest.mark.parametrize("step", COMPLETE)
def test_an_interrupt_after_the_deployment_is_on_record_undoes_nothing(installation, live, step):
    error, context = ended(installation, Interrupted, interrupted_at(step))

    assert "after the deployment was complete" in error.message
    assert serving(installation.engine) == context.target().id != live
    report_of(context)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_interrupt_during_a_change_waits_for_its_end_and_then_leads_back(
    installation, live, number
):
    engine = installation.engine
    engine.before = lambda n: signal.raise_signal(signal.SIGINT) if n == number else None

    _, context = ended(installation, Interrupted)

    assert len(engine.messages) > number  # the change was completed, and nothing but undone after
    assert all("back to what was live" in message for message in engine.messages[number:])
    assert serving(engine) == live
    assert engine.state().rollout is None
    report_of(context)


def test_an_interrupt_of_a_first_deployment_leaves_nothing_live(installation):
    error, context = ended(installation, Interrupted, interrupted_at("verify"))

    assert "nothing is live, as before" in error.message
    assert serving(installation.engine) is None
    report_of(context)


def test_a_second_interrupt_stops_at_once_and_leaves_what_the_next_command_undoes(
    installation, live
):
    def at(step: str) -> None:
        if step in ("verify", "undo"):
            signal.raise_signal(signal.SIGINT)

    context = installation.open(Heard(at))
    context.interruption.stop = stopped
    with pytest.raises(Stopped):
        installation.deploy(context)
    assert installation.engine.state().rollout.back_to == live

    assert installation.deploy(installation.open()) == "deployed"

    outcomes = [(r.id, r.outcome) for r in installation.engine.state().history]
    assert outcomes[-2:] == [(context.deployment, "rolled_back"), ("d-3", "deployed")]


def stopped() -> None:
    raise Stopped


class InterruptedWriting(Redactor):
    """Sends a signal to this process when a report is about to be written."""

    sent = False

    def data(self, data):
        if not self.sent:
            self.sent = True
            signal.raise_signal(signal.SIGINT)
        return super().data(data)


def test_an_interrupt_while_the_report_is_written_does_not_lose_it(installation, live):
    installation.redactor = InterruptedWriting()
    context = installation.open()

    assert installation.deploy(context) == "deployed"

    assert report_of(context)["overall_status"]["outcome"] == "deployed"
