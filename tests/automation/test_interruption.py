import os
import signal
import threading

import pytest

from automation.interruption import SIGNALS, Interruption

each_signal = pytest.mark.parametrize("number", SIGNALS)


def send(number: int) -> None:
    """Send a real signal to this process, and let it arrive."""
    os.kill(os.getpid(), number)
    threading.Event().wait(0.001)


@each_signal
def test_a_signal_interrupts_at_once_where_nothing_is_being_changed(number):
    interruption = Interruption()

    with interruption.handled(), pytest.raises(KeyboardInterrupt):
        send(number)

    assert interruption.cancelled.is_set()


@each_signal
def test_a_signal_during_a_change_waits_for_its_end(number):
    said, done = [], []
    interruption = Interruption(said.append)

    with interruption.handled(), pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with interruption.shield():
            send(number)
            done.append("the change")
        done.append("what came after it")

    assert done == ["the change"]
    assert said == ["finishing the change under way, then going back"]


def test_work_on_other_threads_is_told_at_once_during_a_change():
    interruption = Interruption()

    with (  # noqa: PT012
        interruption.handled(),
        pytest.raises(KeyboardInterrupt),
        interruption.shield(),
    ):
        send(signal.SIGINT)
        assert interruption.cancelled.is_set()


def test_only_the_outermost_shield_lets_an_interrupt_through():
    interruption, done = Interruption(), []

    with interruption.handled(), pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with interruption.shield():
            with interruption.shield():
                send(signal.SIGINT)
            done.append("still shielded")
        done.append("too late")

    assert done == ["still shielded"]


def test_an_interrupt_is_raised_only_once():
    interruption = Interruption()

    with interruption.handled():
        with pytest.raises(KeyboardInterrupt), interruption.shield():
            send(signal.SIGINT)
        interruption.check()


@each_signal
def test_once_it_was_taken_later_signals_are_only_noted_and_cancel_nothing(number):
    said = []
    interruption = Interruption(said.append)

    with interruption.handled():
        with pytest.raises(KeyboardInterrupt):
            send(number)
        interruption.taken()
        send(number)
        with interruption.shield():
            send(number)

    assert not interruption.cancelled.is_set()
    assert len(said) == 2
    assert "going back already" in said[0]


def test_a_change_that_fails_during_an_interrupt_says_why_and_not_that():
    interruption = Interruption()

    with (  # noqa: PT012
        interruption.handled(),
        pytest.raises(ValueError, match="why"),
        interruption.shield(),
    ):
        send(signal.SIGINT)
        raise ValueError("why")


def test_the_handlers_of_before_are_there_again_afterwards():
    before = [signal.getsignal(number) for number in SIGNALS]

    with Interruption().handled():
        assert [signal.getsignal(number) for number in SIGNALS] != before

    assert [signal.getsignal(number) for number in SIGNALS] == before
