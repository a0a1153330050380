"""What each of the three checked-in stacks declares: names and types that its state remembers."""

import json
from pathlib import Path

import pytest

from components.contract.names import ENVIRONMENTS
from components.contract.stateful import lost_with
from tests.components.stacks import declared, packed
from tests.doubles.program import Declared

SNAPSHOTS = Path(__file__).parent / "snapshots"
STACK = "pulumi:pulumi:Stack"


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    named: str = request.param
    return named


@pytest.fixture(scope="module")
def stack(environment: str, tmp_path_factory: pytest.TempPathFactory) -> Declared:
    output = tmp_path_factory.mktemp("package") / ".vercel" / "output"
    output.mkdir(parents=True)
    (output / "config.json").write_text('{"version": 3}')
    return declared(environment, packed(package=str(output.parents[1])))


def test_names_and_types_are_those_that_the_stack_remembers(
    stack: Declared, environment: str
) -> None:
    # A name that changes here is a resource that is replaced in every such stack: give it an alias.
    file = SNAPSHOTS / f"{environment}.json"
    found = {name: kind for name, kind in sorted(stack.types().items()) if kind != STACK}

    assert found == json.loads(file.read_text())


def test_in_production_whatever_holds_state_is_protected_and_elsewhere_nothing(
    stack: Declared, environment: str
) -> None:
    stateful = {name for name, kind in stack.types().items() if lost_with(kind.rpartition("$")[2])}

    assert stateful
    assert stack.protected == (stateful if environment == "production" else set())
