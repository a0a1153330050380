"""Expectations: what a step wanted, against what came back."""

import json
from collections.abc import Iterable, Mapping

import jmespath
from jmespath.exceptions import JMESPathError

from automation.probes.exchange import Answer
from automation.smoke.redaction import HIDDEN, SENSITIVE_KEY, excerpt, redact
from automation.smoke.templates import Scope
from automation.specification.models import Expect, Step


class NotJson(ValueError):
    """A body that a JMESPath expression cannot be applied to."""


def mismatch(answer: Answer, step: Step, scope: Scope) -> str | None:
    """Return the first difference between the answer and the step's expectation, or None.

    The text holds at most an excerpt of the body, and no password or extracted value.
    """
    hidden = [*scope.hidden(), *_about_to_be_extracted(answer, step, scope)]
    expect = step.expect
    wanted = (expect.status,) if isinstance(expect.status, int) else expect.status
    if answer.status not in wanted:
        numbers = " or ".join(str(status) for status in wanted)
        return f"expected status {numbers}, got {answer.status}{_body(answer, hidden)}"
    return (
        _headers(answer, expect, scope, hidden)
        or _json(answer, expect, scope, hidden)
        or _contains(answer, expect, scope, hidden)
    )


def search(expression: str, answer: Answer, scope: Scope) -> object:
    """Apply a JMESPath expression to the body. Raise NotJson, or ValueError for the expression."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        raise NotJson("expected JSON") from None
    try:
        return jmespath.search(scope.text(expression), body)
    except JMESPathError as error:
        raise ValueError(f"invalid expression {expression}: {error}") from error


def same(wanted: object, got: object) -> bool:
    """Compare JSON values; unlike Python, true is not 1."""
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return wanted.keys() == got.keys() and all(same(wanted[key], got[key]) for key in wanted)
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple):
        return len(wanted) == len(got) and all(map(same, wanted, got))
    return wanted == got


def shown(value: object, hidden: Iterable[tuple[str, str]] = ()) -> str:
    """Write a value for a message: as JSON, redacted and short."""
    return excerpt(json.dumps(value, ensure_ascii=False, default=str), hidden)


def _headers(
    answer: Answer, expect: Expect, scope: Scope, hidden: list[tuple[str, str]]
) -> str | None:
    for name, template in expect.headers.items():
        wanted, got = scope.text(template), answer.headers.get(name)
        # `text/html` is meant to be met by `text/html; charset=utf-8`.
        if got is None or (got != wanted and not got.startswith(f"{wanted};")):
            value = HIDDEN if got and SENSITIVE_KEY.search(name) else got
            written = "nothing" if value is None else redact(value, hidden)
            return f"expected header {name} to be {redact(wanted, hidden)}, got {written}"
    return None


def _json(
    answer: Answer, expect: Expect, scope: Scope, hidden: list[tuple[str, str]]
) -> str | None:
    for expression, template in expect.json_.items():
        wanted = scope.resolve(template)
        try:
            got = search(expression, answer, scope)
        except NotJson as error:
            return f"{error}{_body(answer, hidden)}"
        except ValueError as error:
            return redact(str(error), hidden)
        if not same(wanted, got):
            secret = SENSITIVE_KEY.search(expression) and got is not None
            value = HIDDEN if secret else shown(got, hidden)
            return (
                f"expected {expression} to be {shown(wanted, hidden)}, got {value}"
                f"{_body(answer, hidden)}"
            )
    return None


def _contains(
    answer: Answer, expect: Expect, scope: Scope, hidden: list[tuple[str, str]]
) -> str | None:
    if expect.contains is None or scope.text(expect.contains) in answer.text:
        return None
    return f"expected the body to contain {shown(expect.contains)}{_body(answer, hidden)}"


def _about_to_be_extracted(answer: Answer, step: Step, scope: Scope) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, expression in step.extract.items():
        try:
            value = search(expression, answer, scope)
        except (ValueError, LookupError):
            continue
        if isinstance(value, str):
            found.append((value, f"${{{scope.acting.name}.{name}}}"))
    return found


def _body(answer: Answer, hidden: list[tuple[str, str]]) -> str:
    text = excerpt(answer.text, hidden)
    return f"; body: {text}" if text else "; the body is empty"
