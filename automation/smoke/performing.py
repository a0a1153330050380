"""Performing one step: ask, compare, keep what was extracted."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from automation.polling import Clock
from automation.probes.client import REQUEST_SECONDS
from automation.probes.exchange import NoAnswer, exchange
from automation.smoke.expectations import mismatch, same, search, shown
from automation.smoke.query import Query, QueryFailed, comparable
from automation.smoke.redaction import excerpt, redact
from automation.smoke.templates import Scope, UnknownValue
from automation.specification.models import Step


@dataclass(frozen=True)
class Means:
    """What steps are performed with. `headers` go with every request, the step's own on top."""

    clock: Clock
    headers: Mapping[str, str]
    query: Query | None
    seconds: float = REQUEST_SECONDS


def perform(step: Step, scope: Scope, means: Means) -> str | None:
    """Perform a step; return what went wrong, or None. Extracted values go to the acting user."""
    try:
        return _query(step, scope, means) if step.query else _request(step, scope, means)
    except UnknownValue as error:
        return str(error.args[0])


def describe(step: Step, acting: str) -> str:
    """Name a step without any value: its templates are shown as they are written."""
    return f"{step.request} as {acting}" if step.request else f"query {excerpt(step.query or '')}"


def _request(step: Step, scope: Scope, means: Means) -> str | None:
    method, _, template = (step.request or "").partition(" ")
    path = scope.path(template)
    if not path.startswith("/") or path.startswith("//"):
        return "the path must begin with one /: flows stay within the public address"
    client = scope.acting.client
    headers = {**means.headers, **{k: scope.text(v) for k, v in step.headers.items()}}
    form = None if step.form is None else {k: scope.text(v) for k, v in step.form.items()}
    try:
        body = scope.resolve(step.json_)
        request = client.build_request(method, path, headers=headers, json=body, data=form)
    except (ValueError, TypeError, httpx.InvalidURL) as error:
        return f"the request cannot be made: {type(error).__name__}"
    try:
        answer = exchange(client, request, clock=means.clock, seconds=means.seconds)
    except NoAnswer as error:
        return f"expected an answer, got none: {redact(str(error), scope.hidden())}"
    problem = mismatch(answer, step, scope)
    if problem:
        return problem
    for name, expression in step.extract.items():
        try:
            value = search(expression, answer, scope)
        except ValueError as error:
            return f"extract {name}: {redact(str(error), scope.hidden())}"
        if value is None:
            body_shown = excerpt(answer.text, scope.hidden())
            return f"extract {name}: nothing at {expression}; body: {body_shown}"
        scope.acting.extracted[name] = value
    return None


def _query(step: Step, scope: Scope, means: Means) -> str | None:
    if means.query is None:
        return "no connection to the database was given"
    sql, parameters = scope.sql(step.query or "")
    wanted = [[scope.resolve(value) for value in row] for row in step.rows or ()]
    try:
        got = comparable(means.query(sql, parameters))
    except QueryFailed as error:
        return f"the query failed: {redact(str(error), scope.hidden())}"
    if same(wanted, got):
        return None
    hidden = list(scope.hidden())
    return f"expected rows {shown(wanted, hidden)}, got {shown(got, hidden)}"
