"""What can go wrong, as a tree. An error says what happened, why, and what to do next.

    SlipwayError
    ├── Blocked                 nothing was touched
    │   ├── InvalidInput        a file or an argument is wrong
    │   ├── Busy                another deployment holds the environment
    │   └── ToolMissing         a tool is absent, or too old
    ├── BuildFailed             aborted before anything was touched
    ├── RolledBack              failed; the old release serves and was verified
    ├── DeploymentFailed        needs a person
    │   └── EngineFailed        an update of the engine did not succeed
    └── Interrupted             a signal ended the command

Constructors neither log nor print; only the command line shows an error.
"""

from collections.abc import Callable
from typing import ClassVar


class SlipwayError(Exception):
    """Anything that ends a command. `exit_code` is class data; `hint` says what to do next."""

    exit_code: ClassVar[int] = 1
    outcome: ClassVar[str] = "failed"
    hint: str = "Look at `./slipway status ENVIRONMENT`, then at docs/runbook.md."

    def __init__(self, message: str, *, hint: str | None = None, details: tuple[str, ...] = ()):
        super().__init__(message)
        self.message = message
        self.details = details
        if hint is not None:
            self.hint = hint

    def redact(self, clean: Callable[[str], str]) -> None:
        """Remove secrets from everything that is shown of this error."""
        self.message, self.hint = clean(self.message), clean(self.hint)
        self.details = tuple(clean(line) for line in self.details)
        self.args = (self.message,)


class Blocked(SlipwayError):
    """A check did not pass before anything was touched."""

    exit_code = 3
    outcome = "blocked"
    hint = "Mend what is listed and run the command again; nothing was changed."


class InvalidInput(Blocked):
    """A file or an argument is wrong: the message names it and its key."""


class Busy(Blocked):
    """Another deployment holds the environment."""

    exit_code = 4
    hint = "Wait for it to end; its lock is freed when its process ends, however it ends."


class ToolMissing(Blocked):
    """A tool that Slipway needs is absent, or too old."""

    hint = "Run `./slipway doctor` to see what is there and what is missing."


class BuildFailed(SlipwayError):
    """A build did not succeed; the environment was not touched. `log` is the path of its log."""

    exit_code = 5
    outcome = "aborted"
    hint = "Mend the build; the whole log is in the file named above."
    log: str | None = None


class RolledBack(SlipwayError):
    """The deployment failed; the old release serves and was verified."""

    exit_code = 6
    outcome = "rolled_back"
    hint = "The report says which gate failed and why."


class DeploymentFailed(SlipwayError):
    """The deployment failed and needs a person."""

    exit_code = 7
    outcome = "failed"


class EngineFailed(DeploymentFailed):
    """An update of the engine did not succeed."""


class Interrupted(SlipwayError):
    """A signal ended the command."""

    exit_code = 130
    outcome = "interrupted"
    hint = "Run `./slipway up` to go on, or `./slipway status` to see what is live."
