"""SQL as PostgreSQL's own parser reads it."""

import postgast
from google._upb._message import SetAllowOversizeProtos
from postgast import nodes

# Else protobuf refuses trees that are deeper than 100: `a || b || ...` of 49 terms is one. The
# switch is the process's; Pulumi's SDK sets it too, so verdicts would hang on who imported what.
SetAllowOversizeProtos(True)


class UnreadableError(Exception):
    """The text is not SQL of PostgreSQL; the message is the parser's."""


def parsed(text: str) -> nodes.AstNode:
    """Return the tree of the first statement of a text; raise UnreadableError."""
    try:
        found = postgast.parse(text).stmts
    except postgast.PgQueryError as error:
        raise UnreadableError(error.message) from error
    if not found:
        raise UnreadableError("there is no statement")
    return nodes.wrap(found[0].stmt)


def split(text: str) -> tuple[str, ...]:
    """Cut a text into its statements, without semicolons; raise UnreadableError."""
    try:
        return tuple(each.strip() for each in postgast.split(text))
    except postgast.PgQueryError as error:
        raise UnreadableError(error.message) from error
