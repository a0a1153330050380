import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from automation import errors
from automation.cli import slipway
from automation.home import PROJECT
from automation.version import version

every_command = pytest.mark.parametrize("name", sorted(slipway.commands))


def help_of(*arguments: str) -> str:
    result = CliRunner().invoke(slipway, [*arguments, "--help"])
    assert result.exit_code == 0
    return result.output


def test_the_help_has_examples_of_commands_that_there_are():
    lines = help_of().split("Examples:")[1].split("Exit codes:")[0].splitlines()
    examples = [line.split()[1] for line in lines if line.strip().startswith("slipway ")]

    assert len(examples) >= 4
    assert set(examples) <= slipway.commands.keys()


def test_the_help_has_every_exit_code_that_an_error_has():
    codes = help_of().split("Exit codes:")[1].split()

    def kinds(of: type[errors.SlipwayError]):
        for kind in of.__subclasses__():
            yield kind
            yield from kinds(kind)

    ours = {k.exit_code for k in kinds(errors.SlipwayError) if k.__module__ == errors.__name__}
    assert {str(code) for code in ours} | {"0", "2"} <= set(codes)


@every_command
def test_every_command_and_every_option_of_it_has_help(name):
    command = slipway.commands[name]

    assert command.help
    assert command.help.splitlines()[0].endswith((".", ").")) or '"' in command.help
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []
    assert command.help.split()[0] in help_of(name)


@every_command
def test_every_command_that_is_about_an_environment_takes_it_as_its_argument(name):
    arguments = [
        one.name for one in slipway.commands[name].params if isinstance(one, click.Argument)
    ]

    assert arguments[:1] == ([] if name in ("init", "doctor") else ["environment"])


def test_a_mistake_in_usage_ends_with_2_and_without_a_traceback():
    command = [sys.executable, "-m", "automation", "uup"]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "No such command 'uup'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unknown_option_and_a_missing_argument_are_mistakes_in_usage():
    assert CliRunner().invoke(slipway, ["up", "staging", "--fast"]).exit_code == 2
    assert CliRunner().invoke(slipway, ["up"]).exit_code == 2


def test_the_version_is_the_projects():
    assert version() in CliRunner().invoke(slipway, ["--version"]).output
