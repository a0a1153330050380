"""The SDK's command, run the way the driver runs the engine."""

from collections.abc import Mapping

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from automation.engine import process
from automation.engine.process import Line


class ShieldedCommand(PulumiCommand):
    """Run the engine in a session of its own."""

    def __init__(self, command: str, version: VersionInfo | None = None) -> None:
        # The version was checked when the tool was found; asking again costs a process.
        self.command = command
        self.version = version or VersionInfo(3, 259, 0)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Line | None = None,
        on_error: Line | None = None,
        *,
        text: str = "",
    ) -> CommandResult:
        """Run the command and return what it printed. Raise CommandError where it failed.

        `text` is its standard input: the way for a secret, which no command line may hold.
        """
        done = process.run(
            [self.command, "--non-interactive", *args],
            cwd=cwd,
            env=additional_env,
            on_output=on_output,
            on_error=on_error,
            text=text,
        )
        result = CommandResult(stdout=done.stdout, stderr=done.stderr, code=done.code)
        if done.code != 0:
            raise create_command_error(result)
        return result
