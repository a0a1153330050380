"""Tables in Markdown, and annotations in words."""

import types
import typing
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", object: "any"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table. Cells hold no line breaks; bars in them are escaped."""
    lines = [list(head), ["---"] * len(head), *(list(row) for row in rows)]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def kind(annotation: Any) -> str:
    """Say in words what an annotation takes."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in arguments)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(kind(each) for each in arguments if each is not type(None))
    if origin is tuple:
        return f"list of {_plural(kind(arguments[0]))}"
    if origin is dict:
        return f"mapping of names to {_plural(kind(arguments[1]))}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return WORDS.get(annotation, "any")


def _plural(words: str) -> str:
    first, _, rest = words.partition(" ")
    plural = {"text": "texts", "number": "numbers", "whole": "whole", "list": "lists"}.get(
        first, first
    )
    return f"{plural} {rest.replace('number', 'numbers') if first == 'whole' else rest}".strip()


def limits(field: FieldInfo) -> str:
    """Say which values of a field are refused, or nothing."""
    told = []
    for rule in field.metadata:
        for name, words in (("gt", "more than"), ("ge", "at least"), ("le", "at most")):
            if (bound := getattr(rule, name, None)) is not None:
                told.append(f"{words} {bound:,}".replace(",", " "))
        if (length := getattr(rule, "min_length", None)) is not None:
            told.append(f"at least {length}")
        if (pattern := getattr(rule, "pattern", None)) is not None:
            told.append(f"`{pattern}`")
    return ", ".join(told)


def typed(field: FieldInfo) -> str:
    """Return type and limits of a field."""
    bounds = limits(field)
    return f"{kind(field.annotation)}{f', {bounds}' if bounds else ''}"


def default(field: FieldInfo) -> str:
    """Return the default of a field as it is written in YAML."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "see there"
    if value in (None, {}, (), ""):
        return "none"
    if isinstance(value, tuple):
        return f"`[{', '.join(str(each) for each in value)}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
