import json
import threading

import pytest

from automation.errors import Blocked
from automation.events import EventLog, Events, Silent, StepSkipped
from automation.redaction import Redactor
from tests.doubles.listener import Heard


def test_a_step_is_told_from_its_beginning_to_its_end():
    heard = Heard()
    events = Events([heard, Silent()])

    with events.step("build") as notes:
        events.progress("compiling")
        notes.message = "built"

    assert heard.started_steps == ["build"]
    assert heard.lines == [("build", "compiling")]
    assert heard.finished_steps == [("build", "passed", "built")]


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (Blocked("no room"), "failed", "no room"),
        (KeyboardInterrupt(), "interrupted", "interrupted"),
        (SystemExit(2), "failed", "2"),
    ],
)
def test_a_step_that_does_not_pass_says_how_and_lets_the_error_through(error, status, message):
    heard = Heard()

    with pytest.raises(type(error)), Events([heard]).step("build"):
        raise error

    assert heard.finished_steps == [("build", status, message)]


def test_a_step_with_nothing_to_do_is_skipped_with_its_reason_and_without_an_error():
    heard = Heard()

    with Events([heard]).step("migrate") as notes:
        raise StepSkipped("no migration is pending")

    assert heard.finished_steps == [("migrate", "skipped", "no migration is pending")]
    assert notes.status == "skipped"


def test_an_interrupt_while_the_beginning_is_told_counts_as_one_of_the_step():
    heard = Heard()

    def at(_step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Events([Heard(at), heard]).step("build"):
        pass

    assert heard.status_of("build") == "interrupted"


@pytest.fixture
def log(tmp_path) -> EventLog:
    redactor = Redactor()
    redactor.register('sentinel"<7>')
    return EventLog(tmp_path / "events.jsonl", redactor.text)


def test_every_event_is_a_line_of_json_without_secrets(log):
    events = Events([log])

    with events.step("build") as notes:
        events.progress('it said sentinel"<7>')
        events.note('note sentinel"<7>')
        notes.message = 'done sentinel"<7>'

    text = log.path.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == ["started", "progress", "note", "finished"]
    assert [line.get("text") or line.get("message") for line in lines[1:]] == [
        "it said REDACTED",
        "note REDACTED",
        "done REDACTED",
    ]
    assert "sentinel" not in text


def test_a_log_that_cannot_be_written_stops_nothing(log):
    log.path.symlink_to("/dev/full")

    with Events([log]).step("undo") as notes:
        notes.message = "went on"

    assert notes.status == "passed"


def test_events_of_several_threads_do_not_mix(log):
    def tell(name: int) -> None:
        for number in range(50):
            log.progress(f"step {name}", f"{number} " * 100)

    threads = [threading.Thread(target=tell, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = [json.loads(line) for line in log.path.read_text().splitlines()]
    assert len(lines) == 200
