from collections import Counter

import httpx
import psutil
import pytest

from components.dynamic import supervision
from tests.integration.driver import eventually
from tests.integration.people import Person, visitor

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("todo")]


@pytest.fixture(scope="module")
def outputs(todo):
    return todo.slipway.outputs(todo.environment)


def live(outputs, service: str) -> str:
    """Return the slot that a service is served from."""
    slots = outputs["state"][service]
    return next(name for name in ("blue", "green") if slots[name]["weight"] == 100)


def answers(client: httpx.Client, path: str) -> int | str:
    try:
        return client.get(path).status_code
    except httpx.HTTPError as problem:
        return repr(problem)


def kill(pid: int) -> None:
    """Kill a process without a warning, and see it dead."""
    process = psutil.Process(pid)
    process.kill()
    eventually(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, what="death"
    )


@pytest.mark.parametrize("victim", ["backend", "frontend", "envoy", "postgres"])
def test_a_killed_process_is_back_by_itself_and_no_data_is_lost(todo, outputs, victim):
    program = victim
    if victim in ("backend", "frontend"):
        program = f"{victim}-{live(outputs, victim)}-0"
    with visitor(outputs) as client:
        person = Person.registered(client)
        person.add(f"Survive the end of {victim}")
    before = todo.slipway.programs(todo.environment)

    kill(before[program])

    eventually(
        lambda: todo.slipway.programs(todo.environment)[program],
        lambda pid: pid not in (0, before[program]),
        what=f"{program} runs again",
    )
    with visitor(outputs) as client:
        for path in ("/", "/api/ready"):
            eventually(lambda path=path: answers(client, path), lambda code: code == 200, what=path)
        assert Person(client, person.token).tasks() == [f"Survive the end of {victim}"]
    others = {name: pid for name, pid in before.items() if name != program}
    assert others.items() <= todo.slipway.programs(todo.environment).items()


def test_while_one_replica_is_down_the_other_one_answers(todo, outputs):
    slot = live(outputs, "backend")
    supervisor = supervision.connect(todo.slipway.run_folder(todo.environment))
    supervisor.stopProcess(f"backend-{slot}-1")
    with visitor(outputs) as client:
        eventually(
            lambda: Counter(answers(client, "/api/ready") for _ in range(20)),
            lambda seen: seen == {200: 20},
            what="the other replica answers alone",
        )

    supervisor.startProcess(f"backend-{slot}-1")

    for url in outputs["endpoints"]["backend"][slot]:
        with httpx.Client(base_url=url, trust_env=False) as direct:
            eventually(
                lambda direct=direct: answers(direct, "/ready"),
                lambda code: code == 200,
                what=f"{url} is ready",
            )


def test_what_was_healed_is_healthy_and_differs_in_nothing(todo):
    eventually(
        lambda: todo.slipway("status", todo.environment).code, lambda code: code == 0, what="status"
    )

    again = todo.slipway("up", todo.environment, "--app", todo.application, "--json").ok().json
    assert again["deployment_report"]["overall_status"]["outcome"] == "unchanged"
