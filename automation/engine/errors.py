"""The engine's errors become ours, in one table."""

import contextlib
import re
from collections.abc import Iterator

from pulumi.automation import errors

from automation import replacing
from automation.engine.deployed import locked
from automation.engine.update import Update, said
from automation.errors import EngineFailed, SlipwayError

PROTECTED = re.compile(
    r'resource "(urn:[^"]+)"\s(?:as part of replacing "[^"]+"\s)?'
    r"(?:as it is currently marked for|cannot be deleted)"
)
"""How the engine says that it will not replace, or delete, what is protected."""


class StackMissing(SlipwayError):
    """There is no such stack: nothing was ever deployed."""


@contextlib.contextmanager
def translated(update: Update | None = None) -> Iterator[None]:
    """Raise our error for the engine's. What `update` recorded says more than its output."""
    try:
        yield
    except errors.StackNotFoundError:
        raise StackMissing("there is no such stack") from None
    except errors.ConcurrentUpdateError as error:
        raise locked(str(error)) from None
    except errors.CommandError as error:
        told = update.problems if update and update.problems else [said(str(error))]
        raise EngineFailed("the engine did not succeed", details=tuple(told)) from None
    except RuntimeError as error:
        # preview raises this where the engine ended before it had anything to summarise
        raise EngineFailed(str(error), details=tuple(update.problems if update else ())) from None


@contextlib.contextmanager
def refusals(update: Update, environment: str) -> Iterator[None]:
    """Raise Blocked for a preview that the engine ends because something is protected."""
    try:
        yield
    except EngineFailed:
        urns = {urn for text in update.problems for urn in PROTECTED.findall(text)}
        if urns:
            raise replacing.protected(sorted(urns), environment) from None
        raise
