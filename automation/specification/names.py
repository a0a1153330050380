"""What texts are refused because they break something later: a shell, a header, a route."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

T = TypeVar("T", bound=str | Iterable[str] | None)

LETTERS = "letters, digits and _, no digit first"
IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
"""What a POSIX shell takes for the name of a variable."""


@dataclass(frozen=True)
class Shape:
    """What a text has to match as a whole, and what it is called; `right` is for people."""

    pattern: str
    what: str
    right: str

    def __call__(self, value: T) -> T:
        """Return a text, several, or a mapping of them. Raise ValueError that lists wrong ones."""
        given = [value] if isinstance(value, str) else cast(Iterable[str], value or ())
        if wrong := [repr(text) for text in given if not re.fullmatch(self.pattern, text)]:
            raise ValueError(f"{', '.join(wrong)}: no {self.what}; expected {self.right}")
        return value


VARIABLES = Shape(IDENTIFIER, "name of a variable", LETTERS)
SECRETS = Shape(IDENTIFIER, "name of a secret", LETTERS)
"""Also what `slipway secret` takes; versions of secrets are called otherwise."""
VERSION = Shape(
    r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}",
    "version",
    "letters, digits and . + _ -, at most 64, a letter or digit first",
)
"""It is in the release's name, which is a header's value, a route's condition and a folder."""
LOAD = Shape(r"(GET )?/\S*", "request of the load", "`/path` or `GET /path`")
