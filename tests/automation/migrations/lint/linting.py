"""SQL, as the lint sees it on the corpus' database with ten million rows."""

from collections.abc import Sequence
from dataclasses import replace

from automation.migrations.catalogue import Catalogue
from automation.migrations.lint.finding import Finding
from automation.migrations.lint.linter import Subject, lint
from automation.migrations.sql import Script, Statement
from automation.specification.marker import Marker
from automation.specification.revision import Revision
from tests.automation.migrations.corpus.looking import LIVE


def subject(*statements: str, inside: bool = True, name: str = "r", **marker: object) -> Subject:
    """Return a revision that executes statements."""
    return Subject(
        revision=Revision(
            id=name,
            parents=(),
            depends_on=(),
            labels=(),
            message="",
            irreversible_because="",
            file=f"{name}.py",
            marker=replace(Marker(), **marker),
        ),
        script=Script(
            statements=tuple(Statement(text=each, in_transaction=inside) for each in statements)
        ),
    )


def findings(
    *statements: str, inside: bool = True, catalogue: Catalogue = LIVE
) -> tuple[Finding, ...]:
    """Return what the lint says of a revision that executes statements."""
    return lint([subject(*statements, inside=inside)], catalogue)


def rules(*statements: str, inside: bool = True) -> list[str]:
    """Return the rules of the findings, in order."""
    return [each.rule for each in findings(*statements, inside=inside)]


def only(found: Sequence[Finding]) -> Finding:
    """Return the one finding that there is."""
    [finding] = found
    return finding
