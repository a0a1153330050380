"""Checks of flows that need no deployment: what could never pass is found before one."""

from collections.abc import Iterable

import jmespath
from jmespath.exceptions import JMESPathError

from automation.specification.models import Flow, Step
from components.contract import references


def problems(flows: Iterable[Flow]) -> list[str]:
    """List unknown users, references that nothing provides, and malformed expressions."""
    found = []
    seen: set[str] = set()
    for flow in flows:
        if flow.name in seen:
            found.append(f"smoke flow {flow.name}: there are two of that name")
        seen.add(flow.name)
        found += [f"smoke flow {flow.name}, {problem}" for problem in _flow(flow)]
    return found


def _flow(flow: Flow) -> list[str]:
    users = flow.users or ("visitor",)
    known = {"unique"} | {f"{user}.{part}" for user in users for part in ("email", "password")}
    found = []
    for number, step in enumerate(flow.steps, start=1):
        if step.as_user and step.as_user not in users:
            found.append(f"step {number}: as: no user {step.as_user}; users: {', '.join(users)}")
        if step.json_ is not None and step.form is not None:
            found.append(f"step {number}: a request has either `json` or `form`")
        found += [
            f"step {number}: nothing provides ${{{name}}} here"
            for template in _templates(step)
            for name in references.names(template)
            if name not in known
        ]
        found += [f"step {number}: {problem}" for problem in _expressions(step)]
        acting = step.as_user or users[0]
        known |= {name for key in step.extract for name in (key, f"{acting}.{key}")}
    return found


def _expressions(step: Step) -> list[str]:
    found = []
    for expression in (*step.expect.json_, *step.extract.values()):
        if references.names(expression):
            continue
        try:
            jmespath.compile(expression)
        except JMESPathError as error:
            reason = str(error).splitlines()[0]
            found.append(f"invalid JMESPath expression {expression!r}: {reason}")
    return found


def _templates(step: Step) -> list[str]:
    parts: list[object] = [
        step.request,
        step.query,
        step.headers,
        step.json_,
        step.form,
        step.rows,
        step.extract,
        step.expect.json_,
        step.expect.headers,
        step.expect.contains,
    ]
    return [text for part in parts for text in _strings(part)]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _strings(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _strings(item)]
    return []
