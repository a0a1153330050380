"""Validates merged declarations and says for every refusal what would be right."""

from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from automation.specification.merging import Merged, Path, dotted
from automation.specification.models import Specification
from automation.specification.problems import Problem, nearest

RIGHT = {
    "string_type": 'a text; write numbers and yes/no in quotes, as in "5432"',
    "missing": "declare it",
    "literal_error": "one of {expected}",
    "string_pattern_mismatch": "lower-case letters, digits and hyphens, at most 39, letter first",
    "model_type": "a mapping: indented lines such as `path: backend`",
    "dict_type": "a mapping: indented lines such as `NAME: value`",
    "tuple_type": "a list: lines that begin with `- `",
    "too_short": "at least {min_length} of them",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
}


def validate(merged: Merged) -> tuple[Specification | None, list[Problem]]:
    """Return the specification, or None and every reason why there is none."""
    try:
        return Specification.model_validate(merged.values), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    # A union reports one error for each of its members: the first is enough.
    unique = {_plain(one["loc"]): one for one in reversed(errors)}
    return None, [
        _problem(merged, path, one)
        for path, one in sorted(unique.items(), key=str)
        # Members that are refused do not count, which is no problem of its own.
        if one["type"] != "too_short"
        or not any(path == other[: len(path)] != other for other in unique)
    ]


def _problem(merged: Merged, path: Path, error: ErrorDetails) -> Problem:
    file, key = merged.file_of(path), dotted(path)
    if error["type"] == "extra_forbidden":
        return Problem(file, key, "unknown key", nearest(str(path[-1]), known_keys(path[:-1])))
    if error["type"] == "missing":
        return Problem(file, key, "missing", "declare it")
    wrong = error["msg"].removeprefix("Value error, ")
    wrong = wrong[:1].lower() + wrong[1:]
    right = RIGHT.get(error["type"], "").format(**error.get("ctx", {}))
    return Problem(file, key, wrong, "" if right in wrong else f"expected {right}")


def _plain(location: tuple[int | str, ...]) -> Path:
    """Leave out what pydantic adds for members of a union, such as `tuple[int, ...]`."""
    return tuple(part for part in location if isinstance(part, int) or part.isidentifier())


def known_keys(path: Path) -> list[str]:
    """List the keys that are allowed under a key path."""
    kind: Any = Specification
    for part in path:
        kind = _member(kind, part)
    model = _model(kind)
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _member(kind: Any, part: str | int) -> Any:
    model = _model(kind)
    if model is None:
        return None
    if isinstance(part, int):
        return model
    for name, field in model.model_fields.items():
        if part == (field.alias or name):
            return field.annotation
    return model


def _model(kind: Any) -> type[BaseModel] | None:
    """Find the model inside an annotation such as `tuple[Flow, ...]` or `Backend | None`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((model for one in get_args(kind) if (model := _model(one))), None)
