"""SQL as PostgreSQL's own parser reads it."""

import postgast
from google.protobuf.message import DecodeError
from postgast import nodes


class UnreadableError(Exception):
    """The text is not SQL of PostgreSQL; the message is the parser's."""


class DeepError(Exception):
    """The text is SQL, but its tree is deeper than the 100 messages that protobuf reads."""


def parsed(text: str) -> nodes.AstNode:
    """Return the tree of the first statement of a text; raise UnreadableError or DeepError."""
    try:
        result = postgast.parse(text)
    except postgast.PgQueryError as error:
        raise UnreadableError(error.message) from error
    except DecodeError as error:
        raise DeepError("it is nested too deeply") from error
    if not result.stmts:
        raise UnreadableError("there is no statement")
    return nodes.wrap(result.stmts[0].stmt)


def split(text: str) -> tuple[str, ...]:
    """Cut a text into its statements, without semicolons; raise UnreadableError."""
    try:
        return tuple(each.strip() for each in postgast.split(text))
    except postgast.PgQueryError as error:
        raise UnreadableError(error.message) from error
