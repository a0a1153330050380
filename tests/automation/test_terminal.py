import io
import re

import pytest

from automation.events import Events
from automation.redaction import Redactor
from automation.terminal import LABELS, Terminal

COLOUR = re.compile(r"\x1b\[[\d;]*3\d[\d;]*m")


class Tty(io.StringIO):
    """A terminal as far as a program can tell."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def told(stream: io.StringIO, text: str = "compiling [bold]x[/bold]") -> str:
    redactor = Redactor()
    redactor.register("sentinel-77")
    events = Events([Terminal(redactor.text, stream)])
    with events.step("roll_out") as notes:
        events.progress(text)
        events.note("one\ntwo [red]")
        notes.message = f"done: {text}\nand more"
    return stream.getvalue()


def test_where_nobody_watches_lines_are_plain_and_complete():
    text = told(io.StringIO())

    assert "\x1b" not in text
    assert "\r" not in text
    first, progress, *notes, last = text.splitlines()
    assert (first, progress) == ("  roll out …", "    compiling [bold]x[/bold]")
    assert notes == ["    one", "    two [red]"]
    assert re.fullmatch(r"✓ roll out +\d+\.\d s  done: compiling \[bold\]x\[/bold\]", last)


def test_a_terminal_gets_colours_and_the_same_last_line():
    text = told(Tty())

    assert COLOUR.search(text)
    assert "done: compiling [bold]x[/bold]" in text


def test_a_terminal_gets_no_colour_where_none_is_wanted(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    assert not COLOUR.search(told(Tty()))


@pytest.mark.parametrize("stream", [io.StringIO, Tty])
def test_secrets_are_redacted_wherever_they_are_said(stream):
    text = told(stream(), "password sentinel-77")

    assert "sentinel-77" not in text
    assert "REDACTED" in text


def test_the_same_progress_is_not_repeated():
    stream = io.StringIO()
    terminal = Terminal(lambda text: text, stream)

    terminal.started("build")
    for _ in range(3):
        terminal.progress("build", "1 of 2 replicas ready")

    assert stream.getvalue().count("replicas") == 1


@pytest.mark.parametrize(
    ("status", "mark"), [("passed", "✓"), ("failed", "×"), ("skipped", "·"), ("interrupted", "!")]
)
def test_every_end_has_a_mark_of_its_own(status, mark):
    stream = io.StringIO()

    Terminal(lambda text: text, stream).finished("build", status, 1.0, "")

    assert stream.getvalue().startswith(f"{mark} build")


def test_every_step_of_a_deployment_has_a_name_for_people():
    from automation.deployment import CHANGE, PREPARE

    assert {name for name, _ in (*PREPARE, *CHANGE)} <= LABELS.keys()
