"""The steps that touch nothing: `preview` takes them as well."""

from collections.abc import Callable

from automation.context import Context
from automation.events import StepNotes
from automation.reports.observed import StepName
from automation.settings import StackFile
from automation.steps import build, configure, validate

PREPARE: tuple[tuple[StepName, Callable[[Context, StackFile, StepNotes], None]], ...] = (
    ("validate", validate.run),
    ("build", build.run),
    ("configure", configure.run),
)
