"""What the whole program declares, on an engine in memory."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import settings
from components.application import Application
from components.contract import outputs
from components.contract.desired import DesiredState, Rollout
from components.contract.platforms import REGISTRIES
from components.contract.settings import Settings
from components.platforms import UnknownPlatform
from tests.components.examples import backend, frontend, live, release
from tests.doubles.program import Declared, declare

CLOUDS = ("pulumi_aws", "pulumi_kubernetes", "pulumiverse_vercel", "pulumi_random")
LOCAL = ("psycopg", "cryptography", "envoy", "supervisor")
SLOTS = {
    "application-backend-blue",
    "application-backend-green",
    "application-frontend-blue",
    "application-frontend-green",
}


def inputs(state: DesiredState, name: str = "development", **changes: Any) -> settings.Inputs:
    return settings.Inputs(
        environment=name,
        settings=Settings(**changes),
        state=pulumi.Output.from_input(state),
        home=Path("/home"),
        given={"MAIL_TOKEN": pulumi.Output.secret("given-value")},
    )


def declared(state: DesiredState, **changes: Any) -> Declared:
    return declare(lambda: Application("application", inputs(state, **changes)).outputs())


@pytest.fixture(scope="module")
def running() -> Declared:
    return declared(live())


def test_every_child_carries_the_name_of_its_parent(running: Declared) -> None:
    kinds = running.types()
    components = {kind: name for name, kind in kinds.items() if "dynamic" not in kind}

    for name, kind in kinds.items():
        parent, _, _ = kind.rpartition("$")
        if parent in components:
            assert name.startswith(components[parent] + "-"), f"{name} in {components[parent]}"


@pytest.mark.parametrize(
    "state",
    [
        DesiredState(),
        live(),
        live(release("r1"), release("r2")),
        live(release("r1", frontend=None)),
    ],
    ids=["nothing", "one release", "two releases", "no frontend"],
)
def test_both_slots_of_both_services_are_always_declared(state: DesiredState) -> None:
    names = declared(state).types()

    assert names.keys() >= SLOTS


def test_a_state_without_a_release_declares_the_same_resources(running: Declared) -> None:
    assert declared(DesiredState()).types() == running.types()


def test_an_idle_slot_has_no_programs(running: Declared) -> None:
    blue = json.loads(running.inputs["application-backend-blue"]["programs"])
    green = json.loads(running.inputs["application-backend-green"]["programs"])

    assert sorted(blue) == ["backend-blue-0", "backend-blue-1"]
    assert green == {}


def test_a_replica_gets_its_references_resolved(running: Declared) -> None:
    program = json.loads(running.inputs["application-backend-blue"]["programs"])["backend-blue-1"]
    ports = running.inputs["application-host-ports"]["names"]
    port = str(20000 + ports.index("backend-blue-1"))

    assert program["command"][-1] == port
    assert program["environment"]["PORT"] == port
    assert program["environment"]["SESSION_KEY"] == "made-SESSION_KEY"
    assert program["environment"]["RELEASE"] == "r1"
    assert program["environment"]["DATABASE_URL"].startswith(
        "postgresql://app_development:made-password@127.0.0.1:"
    )


def test_secrets_are_secret_outputs(running: Declared) -> None:
    secret = {name for name, is_secret in running.secret.items() if is_secret}

    assert secret == {outputs.DATABASE, outputs.SECRETS, outputs.SLOT_ACCESS}
    assert running.outputs[outputs.SECRETS] == {
        "SESSION_KEY": "made-SESSION_KEY",
        "MAIL_TOKEN": "given-value",
    }


def test_secrets_reach_the_engine_marked_as_secret(running: Declared) -> None:
    for name, kind in running.types().items():
        if kind.endswith(":Processes"):
            assert "programs" in running.secret_inputs[name], name
    # A secret that is made has no value in a program: nothing else may hold one in the clear.
    for name, found in running.inputs.items():
        plain = {key: v for key, v in found.items() if key not in running.secret_inputs[name]}
        assert "given-value" not in json.dumps(plain, default=str), name


def test_whoever_uses_the_database_waits_for_it(running: Declared) -> None:
    waits = running.dependencies

    assert "application-database-database" in waits["application-backend-blue"]
    assert "application-database-server" in waits["application-database-database"]
    assert "application-host-supervisor" in waits["application-database-cluster"]


def test_a_replica_is_known_before_it_starts_and_not_any_more_when_it_is_stopped(
    running: Declared,
) -> None:
    waits = running.dependencies

    for slot in SLOTS:
        assert "application-load-balancer-clusters" in waits[slot]
    # traffic goes before the replicas that had it, and the way back to these before both
    assert "application-load-balancer-routes" in waits["application-load-balancer-clusters"]
    assert "application-load-balancer-standby" in waits["application-load-balancer-routes"]
    assert "application-load-balancer-clusters" in waits["application-load-balancer-listeners"]


def test_only_with_hashed_files_is_there_a_server_for_them(running: Declared) -> None:
    made = frontend(assets={"/_next/static": "site/.next/static"})
    served = declared(live(release(frontend=made)))
    caddy, file = (f"application-load-balancer-assets-{n}" for n in ("caddy", "configuration"))

    assert (running.inputs[caddy]["programs"], running.inputs[file]["content"]) == ("{}", "")
    assert json.loads(served.inputs[caddy]["programs"]).keys() == {"assets"}
    assert "/home/development/assets/links" in served.inputs[file]["content"]


def test_while_a_rollout_is_under_way_the_way_back_is_on_standby(running: Declared) -> None:
    state = live(release("r1"), release("r2"))
    rollout = Rollout(
        deployment="d",
        strategy="canary",
        step=1,
        steps=2,
        target="r2",
        back_to_slots={"backend": state.backend, "frontend": state.frontend},
        owner="o",
    )
    under_way = declared(DesiredState(**{**dict(state), "rollout": rollout}))
    standby = "application-load-balancer-standby"

    assert running.inputs[standby]["content"] == ""
    table = json.loads(under_way.inputs[standby]["content"])
    assert table["resources"][0]["name"] == "routes"
    assert running.outputs[outputs.EDGE_STANDBY] == under_way.inputs[standby]["path"]
    assert running.outputs[outputs.EDGE_TABLE] == "/home/development/envoy/routes.json"


def test_outputs_are_those_of_the_contract_and_the_state_declares_itself_again(
    running: Declared,
) -> None:
    names = {
        value
        for key, value in vars(outputs).items()
        if key.isupper()
        and not key.endswith(("_VARIABLE", "_HEADER", "_MARK", "_COOKIES", "_FAILS"))
    }

    assert running.outputs.keys() == names
    assert DesiredState.model_validate(running.outputs[outputs.STATE]) == live()
    assert running.outputs[outputs.PUBLIC_URL] == "https://todo.localhost:8443"
    assert running.outputs[outputs.API_URL] == "https://todo.localhost:8443/api"
    assert len(running.outputs[outputs.ENDPOINTS]["backend"]["blue"]) == 2
    assert running.outputs[outputs.ENDPOINTS]["backend"]["green"] == []


def test_two_applications_in_one_program_do_not_share_a_name() -> None:
    def both() -> dict[str, pulumi.Output[Any]]:
        # the engine in memory refuses a name that is there already
        Application("one", inputs(live(), "staging"))
        return Application("two", inputs(live(), "production")).outputs()

    names = declare(both).types()

    assert {"one-backend-blue", "two-backend-blue"} <= names.keys()


@pytest.mark.parametrize(
    ("key", "kind", "choice"),
    [
        (f"{concern}_platform", concern.replace("_", " "), sorted(registry)[0])
        for concern, registry in REGISTRIES.items()
    ],
)
def test_an_unknown_platform_is_refused_with_the_choices(key: str, kind: str, choice: str) -> None:
    with pytest.raises(UnknownPlatform, match=f"{kind} platform 'locall' is unknown") as refused:
        declared(live(), **{key: "locall"})

    assert f"choices: {choice}" in str(refused.value)


def loaded_by(code: str) -> set[str]:
    """Return the packages that a program of its own has loaded at its end."""
    told = "import sys; print(*{n.split('.')[0] for n in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{told}"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    return set(done.stdout.split())


def test_no_platform_is_loaded_before_it_is_asked_for() -> None:
    assert loaded_by("import components.application") & {*CLOUDS, *LOCAL} == set()


def test_what_talks_to_a_database_is_loaded_by_who_talks_to_it_and_not_with_each_update() -> None:
    stack = "from tests.components.stacks import declared; declared('development')"

    assert loaded_by(stack) & {"psycopg", "cryptography"} == set()


def test_what_is_declared_on_this_machine_loads_the_sdk_of_no_cloud() -> None:
    stack = "from tests.components.stacks import declared; found = declared('{}')"
    check = "assert 'application-backend-blue' in found.types()"

    assert loaded_by(f"{stack.format('development')}\n{check}") & {*CLOUDS} == set()
    # all of them are loaded by who asks for them: none is missed by another name
    assert loaded_by(f"{stack.format('production')}\n{check}") >= {*CLOUDS}


def test_each_slot_is_given_the_version_of_a_secret_that_its_release_was_configured_with() -> None:
    wanting = backend(variables={"TOKEN": "${secret.MAIL_TOKEN}"})
    old = release("r1", backend=wanting, secret_versions={"MAIL_TOKEN": 1})
    new = release("r2", backend=wanting, secret_versions={"MAIL_TOKEN": 2})

    def program() -> dict[str, pulumi.Output[Any]]:
        known = replace(inputs(live(old, new)), kept=remembered({"MAIL_TOKEN.v1": "earlier"}))
        return Application("application", known).outputs()

    found = declare(program)

    given = {
        slot: json.loads(found.inputs[f"application-backend-{slot}"]["programs"])[
            f"backend-{slot}-0"
        ]["environment"]["TOKEN"]
        for slot in ("blue", "green")
    }
    assert given == {"blue": "earlier", "green": "given-value"}
    assert found.secret[outputs.SECRETS] is True
    assert found.outputs[outputs.SECRETS]["MAIL_TOKEN.v1"] == "earlier"


def remembered(values: dict[str, str]) -> pulumi.Output[dict[str, str]]:
    return pulumi.Output.secret(values)
