import contextlib
import os

import psutil
import pytest
from pulumi.automation.errors import CommandError, StackNotFoundError

from automation.engine.command import ShieldedCommand
from automation.engine.errors import StackMissing, translated
from automation.engine.update import Update
from automation.errors import Busy, EngineFailed
from automation.sessions import runs
from tests.doubles.pulumi import fake_pulumi


@pytest.fixture
def run(tmp_path):
    """Run a script in place of the engine: `run(script, *arguments, text=..., on_output=...)`."""

    def command(script: str, *arguments: str, **options):
        program = fake_pulumi(tmp_path / "bin", script) / "pulumi"
        variables = options.pop("variables", {})
        return ShieldedCommand(str(program)).run(
            list(arguments), str(tmp_path), variables, **options
        )

    return command


def test_what_it_prints_is_returned_and_told_line_by_line(run):
    heard, errors = [], []

    result = run("echo one; echo two; echo bad >&2", on_output=heard.append, on_error=errors.append)

    assert (result.stdout, result.stderr, result.code) == ("one\ntwo", "bad", 0)
    assert (heard, errors) == (["one", "two"], ["bad"])


def test_it_never_asks_and_runs_where_and_with_what_it_is_told(run, tmp_path):
    result = run(
        'echo "$@"; pwd; echo "$MARK $PULUMI_AUTOMATION_API"', "up", variables={"MARK": "x"}
    )

    assert result.stdout == f"--non-interactive up\n{tmp_path}\nx true"


def test_a_secret_goes_through_its_input_and_not_through_its_arguments(run):
    result = run(
        'tr "\\0" " " < /proc/$$/cmdline; echo; cat; env', "config", "set", text="sentinel\n"
    )

    cmdline, given, *variables = result.stdout.splitlines()
    assert "config set" in cmdline
    assert given == "sentinel"
    assert "sentinel" not in " ".join((cmdline, *variables))


def test_it_has_a_session_of_its_own_which_the_terminals_interrupt_does_not_reach(run):
    session, itself = run('cut -d" " -f6 /proc/$$/stat; echo $$').stdout.split()

    assert session == itself
    assert int(session) != os.getsid(0)


def test_what_it_left_running_is_ended_with_it(run):
    child = int(run("sleep 60 >/dev/null 2>&1 & echo $!").stdout)

    with contextlib.suppress(psutil.NoSuchProcess):
        assert not runs(psutil.Process(child))


def test_one_that_reads_nothing_does_not_stop_us(run):
    assert run("exec <&-; echo done", text="x" * 200_000).stdout == "done"


def test_a_command_that_fails_raises_with_what_it_said(run):
    with pytest.raises(CommandError) as failed:
        run("echo half; echo error: no room >&2; exit 3")

    assert "no room" in str(failed.value)


def test_a_stack_that_is_missing_is_recognised(run):
    with pytest.raises(StackNotFoundError):
        run("echo \"error: no stack named 'staging' found\" >&2; exit 1")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("error: no stack named 'staging' found", StackMissing),
        ("error: the stack is currently locked by 1 lock(s)", Busy),
        ("error: something else", EngineFailed),
    ],
)
def test_every_failure_becomes_one_of_our_errors(run, said, error):
    with pytest.raises(error), translated():
        run(f'echo "{said}" >&2; exit 1')


def test_what_was_recorded_says_more_than_what_was_printed(run):
    update = Update(problems=["postgres did not start"])

    with pytest.raises(EngineFailed) as failed, translated(update):
        run("echo error: update failed >&2; exit 1")

    assert failed.value.details == ("postgres did not start",)
