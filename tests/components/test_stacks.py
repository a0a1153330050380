"""What each of the three checked-in stacks declares: names and types that its state remembers."""

import json
from pathlib import Path

import pulumi
import pytest

import automation.settings
from components import settings
from components.application import Application
from components.contract.desired import Address, DesiredState
from components.contract.names import ENVIRONMENTS
from components.contract.release import Release
from tests.components.clusters import IMAGE
from tests.components.examples import backend, frontend, live, release
from tests.doubles.program import Declared, declare

SNAPSHOTS = Path(__file__).parent / "snapshots"
STACK = "pulumi:pulumi:Stack"


def packed(package: Path) -> Release:
    """Return a release that any platform takes."""
    return release(
        "1.0.0-aa", backend=backend(image=IMAGE), frontend=frontend(package=str(package))
    )


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Declared:
    environment: str = request.param
    configured = automation.settings.load(environment).settings
    output = tmp_path_factory.mktemp("package") / ".vercel" / "output"
    output.mkdir(parents=True)
    (output / "config.json").write_text('{"version": 3}')
    state = live(packed(output.parents[1]), replicas=configured.backend_replicas)
    if configured.domain:
        state = DesiredState(
            **{**dict(state), "address": Address(host=configured.domain, port=443)}
        )
    inputs = settings.Inputs(
        environment=environment,
        settings=configured,
        state=pulumi.Output.from_input(state),
        home=Path("/home"),
        given={},
    )
    return declare(lambda: Application("application", inputs).outputs(), stack=environment)


def test_names_and_types_are_those_that_the_stack_remembers(
    stack: Declared, request: pytest.FixtureRequest
) -> None:
    # A name that changes here is a resource that is replaced in every such stack: give it an alias.
    file = SNAPSHOTS / f"{request.node.callspec.params['stack']}.json"
    found = {name: kind for name, kind in sorted(stack.types().items()) if kind != STACK}

    assert found == json.loads(file.read_text())
