"""Running smoke flows: each with users of its own; a failed step ends its flow only."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack

import httpx

from automation.polling import Clock, SystemClock
from automation.smoke.people import make_person, make_unique
from automation.smoke.performing import Means, describe, perform
from automation.smoke.query import Query
from automation.smoke.results import FlowResult, FlowStatus
from automation.smoke.templates import Scope
from automation.specification.models import Flow


def run_flows(
    flows: Iterable[Flow],
    new_client: Callable[[], httpx.Client],
    *,
    query: Query | None = None,
    headers: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    unique: Callable[[], str] = make_unique,
    on_result: Callable[[FlowResult], None] | None = None,
) -> list[FlowResult]:
    """Run the flows one after the other and return what each showed.

    `new_client` makes a client of the public address with an empty cookie jar, one for each user.
    `headers` go with every request, to select a slot for example. Flows that query the database
    are skipped where `query` is None.
    """
    means = Means(clock=clock or SystemClock(), headers=headers or {}, query=query)
    results = []
    for flow in flows:
        result = run_flow(flow, new_client, means=means, unique=unique())
        results.append(result)
        if on_result is not None:
            on_result(result)
    return results


def run_flow(
    flow: Flow, new_client: Callable[[], httpx.Client], *, means: Means, unique: str
) -> FlowResult:
    """Run one flow up to its first failed step."""
    began = means.clock.time()

    def ended(status: FlowStatus, message: str | None = None) -> FlowResult:
        took = round((means.clock.time() - began) * 1000)
        return FlowResult(flow.name, flow.category, flow.severity, status, took, message)

    if means.query is None and any(step.query for step in flow.steps):
        return ended("skipped", "it queries the database, and no connection to one was given")
    with ExitStack() as clients:
        people = {
            name: make_person(name, unique, clients.enter_context(new_client()))
            for name in flow.users or ("visitor",)
        }
        for number, step in enumerate(flow.steps, start=1):
            acting = step.as_user or next(iter(people))
            if acting not in people:
                problem: str | None = f"no such user in this flow: {', '.join(people)}"
            else:
                problem = perform(step, Scope(unique, people, people[acting]), means)
            if problem:
                return ended("failed", f"step {number}, {describe(step, acting)}: {problem}")
    return ended("passed")
