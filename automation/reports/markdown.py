"""Texts as they stand in Markdown: on one line, without being taken for markup."""

import re
from typing import Final

MARKUP: Final = re.compile(r"([\\`*_\[\]<>|])")
"""Characters that would start emphasis, links, HTML, code or a table's cell inside a line."""


def plain(text: str) -> str:
    """Return text on one line with Markdown's characters escaped."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Return text as inline code on one line; backticks in it are fenced by more of them."""
    flat = " ".join(text.split())
    if "`" not in flat:
        return f"`{flat}`"
    fence = "`" * (max(map(len, re.findall("`+", flat))) + 1)
    return f"{fence} {flat} {fence}"


def bullets(lines: list[str], otherwise: str) -> list[str]:
    """Return a bullet for each line, or one sentence where there is none."""
    return [f"- {line}" for line in lines] or [otherwise]


def page(lines: list[str]) -> str:
    """Return the lines as a file."""
    return "".join(f"{line}\n" for line in lines)
