"""How a deployment is brought to an end in these tests, and what is read of it afterwards."""

import json

import pytest

from automation.context import Context
from automation.errors import EngineFailed, SlipwayError
from automation.reports.assembly import build_report
from automation.reports.nulls import unexplained
from components.contract.desired import DesiredState
from components.contract.release import SERVICES
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard

SENTINEL = "sentinel-9f1c7e-secret"


def report_of(context: Context) -> dict:
    """The report as it was written, having seen that every null in it has its reason."""
    assert unexplained(build_report(context.facts)) == []
    return json.loads((context.folder / "report.json").read_text())["deployment_report"]


def shares(engine: FakeEngine, *, but: str) -> list[int]:
    """The weights that slots of other releases than one had, in all states that became real."""
    states = [state.service(name) for state in engine.states for name in SERVICES]
    slots = [slot for held in states for slot in (held.blue, held.green)]
    return [slot.weight for slot in slots if slot.release not in (None, but)]


def serving(engine: FakeEngine) -> str | None:
    release = engine.state().live_release()
    return release.id if release else None


def ended(installation: Installation, kind: type[SlipwayError], heard: Heard | None = None):
    """Deploy, see it end with exactly this error, and return it and the context."""
    context = installation.open(heard)
    with pytest.raises(SlipwayError) as caught:
        installation.deploy(context)
    assert type(caught.value) is kind, caught.value
    return caught.value, context


def running(state: DesiredState) -> set[str]:
    """The releases that have replicas."""
    slots = [s for each in (state.backend, state.frontend) for s in (each.blue, each.green)]
    return {slot.release for slot in slots if slot.replicas}


def failing(*numbers: int, what: str = "no room left"):
    """A change that fails: the engine's error at the numbered ones."""

    def before(number: int) -> None:
        if number in numbers:
            raise EngineFailed("the engine did not succeed", details=(f"{what} ({number})",))

    return before


def specified(installation: Installation, before: str, after: str) -> None:
    """Change the application's specification."""
    document = installation.application / "specs" / "deployment" / "tiny.md"
    assert before in document.read_text()
    document.write_text(document.read_text().replace(before, after))


def bad_after_the_rollout(installation: Installation) -> Heard:
    """A listener that has the smoke flow fail, which is declared as a grave one."""
    grave = "category: integration\n    severity: high"
    specified(installation, "category: integration", grave)

    def at(step: str) -> None:
        installation.engine.greeting = "good bye" if step == "smoke_test" else "hello"

    return Heard(at)


class Stopped(BaseException):
    """The process would be gone now."""


def killed_at(installation: Installation, number: int) -> Context:
    """Deploy, and die as soon as the engine has made the numbered change real."""

    def after(n: int) -> None:
        if n == number:
            raise Stopped

    context, engine = installation.open(), installation.engine
    engine.after, engine.ups = after, 0
    with pytest.raises(Stopped):
        installation.deploy(context)
    engine.after = lambda _number: None
    engine.states.clear()
    return context
