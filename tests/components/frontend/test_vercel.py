"""What is declared at Vercel, on an engine in memory."""

from typing import Any

import pulumi
import pytest

from components.frontend.vercel_content import Content, Revision
from components.frontend.vercel_frontend import EMPTY, VercelFrontend, VercelFrontendArgs
from tests.components.examples import release
from tests.doubles.program import Declared, declare

TYPES = {
    "web": "slipway:frontend:VercelFrontend",
    "web-access": "pulumi-python:dynamic/vercel:Access",
    "web-alias": "vercel:index/alias:Alias",
    "web-domain": "vercel:index/projectDomain:ProjectDomain",
    "web-project": "vercel:index/project:Project",
    "web-provider": "pulumi:providers:vercel",
    "web-r1": "vercel:index/deployment:Deployment",
    "web-r2": "vercel:index/deployment:Deployment",
    "web-variable-KEY": "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable",
    "web-variable-VERSION": "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable",
}
PACKAGE = "/artifacts/frontend/packages/r1"


def declared(content: Content, **changes: Any) -> Declared:
    def program() -> dict[str, pulumi.Output[Any]]:
        args = {
            "project": "shop-staging",
            "content": pulumi.Output.from_input(content),
            "values": pulumi.Output.secret({"secret.KEY": "sentinel"}),
            "domain": "shop.example.org",
            **changes,
        }
        made = VercelFrontend("web", VercelFrontendArgs(**args))
        return {"access": made.access, "slot_urls": made.slot_urls, "endpoints": made.endpoints}

    return declare(program)


@pytest.fixture(scope="module")
def running() -> Declared:
    return declared(
        Content(
            revisions=(Revision("r1", PACKAGE, {"release": "r1"}), Revision("r2", "/r2")),
            live="r1",
            slots={"blue": "r1"},
            variables={"KEY": "${secret.KEY}", "VERSION": "${release.id}"},
            of=release("r1"),
            framework="nextjs",
        )
    )


def test_names_and_types_of_all_resources_are_those_that_stacks_remember(running: Declared) -> None:
    kinds = {name: kind.rpartition("$")[2] for name, kind in running.types().items()}

    assert {k: v for k, v in kinds.items() if v != "pulumi:pulumi:Stack"} == TYPES


def test_nothing_serves_before_a_release_does() -> None:
    found = declared(Content())

    assert found.types().keys() & TYPES.keys() == {
        *("web", "web-access", "web-domain", "web-project", "web-provider")
    }
    assert found.outputs["endpoints"] == {"blue": [], "green": []}


def test_without_a_domain_there_is_nothing_to_lead_anywhere() -> None:
    found = declared(Content(revisions=(Revision("r1", PACKAGE),), live="r1"), domain="")

    assert not found.types().keys() & {"web-domain", "web-alias"}


def test_a_production_deployment_takes_no_domain_and_asks_for_a_login(running: Declared) -> None:
    project = running.inputs["web-project"]

    assert project["autoAssignCustomDomains"] is False
    assert project["vercelAuthentication"] == {"deploymentType": "standard_protection_new"}
    assert running.inputs["web-r1"]["production"] is True


def test_secrets_are_secret_and_reach_no_preview(running: Declared) -> None:
    key, version = (running.inputs[f"web-variable-{name}"] for name in ("KEY", "VERSION"))

    assert (key["value"], key["sensitive"], key["targets"]) == ("sentinel", True, ["production"])
    assert (version["value"], version["sensitive"]) == ("r1", False)
    assert version["targets"] == ["production", "preview"]
    assert "value" in running.secret_inputs["web-variable-KEY"]
    assert running.secret["access"]
    assert not running.secret["endpoints"]


def test_no_credentials_are_given_to_the_provider(running: Declared) -> None:
    assert "apiToken" not in running.inputs["web-provider"]


def test_variables_are_there_before_a_deployment_and_the_domain_before_its_alias(
    running: Declared,
) -> None:
    waits = running.dependencies

    assert {"web-variable-KEY", "web-variable-VERSION", "web-project"} <= waits["web-r1"]
    assert {"web-domain", "web-r1"} <= waits["web-alias"]
    assert running.inputs["web-alias"] == {
        "alias": "shop.example.org",
        "deploymentId": "web-r1-id",
    }


def test_the_name_is_waited_for_when_the_first_release_is_to_have_it(running: Declared) -> None:
    # By an update: what is made and then waited for in vain is in no state.
    assert running.inputs["web-domain"]["waitForReady"] is True
    assert "waitForReady" not in declared(Content()).inputs["web-domain"]


def test_files_of_another_machine_are_stood_in_for_by_name(running: Declared) -> None:
    assert running.inputs["web-r1"]["files"] == {f"{PACKAGE}/.vercel/output/config.json": EMPTY}


@pytest.mark.parametrize("kept", [True, False])
def test_a_project_of_production_is_neither_deleted_nor_replaced(kept: bool) -> None:
    found = declared(Content(), kept=kept)

    assert found.kept == ({"web-project"} if kept else set())


@pytest.mark.parametrize("project", ["", "Shop", "x" * 101])
def test_a_name_that_no_project_may_have_is_refused(project: str) -> None:
    with pytest.raises(ValueError, match="project: expected 1 to 100 lower-case characters"):
        VercelFrontendArgs(
            project=project,
            content=pulumi.Output.from_input(Content()),
            values=pulumi.Output.from_input({}),
        )
