"""A frontend at Vercel on the real engine: what a rollout and the way back change there."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.plugins.fixture import Plugins
from tests.doubles.plugins.vercel_names import ELSEWHERE
from tests.doubles.vercel.fake import FakeVercel
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parent.parent.parent
PROGRAM = """
    import pulumi

    from components.frontend.vercel_content import Content, Revision
    from components.frontend.vercel_frontend import VercelFrontend, VercelFrontendArgs

    asked = pulumi.Config().require_object("content")
    revisions = tuple(Revision(name, path, {"release": name}) for name, path in asked["releases"])
    variables = {"API_URL": "https://${public.host}", "KEY": "${secret.KEY}"}
    content = Content(
        revisions=revisions,
        live=asked["live"],
        slots=asked["slots"],
        variables=variables,
        framework="nextjs",
    )
    frontend = VercelFrontend(
        "frontend",
        VercelFrontendArgs(
            project="shop-production",
            content=pulumi.Output.from_input(content),
            values=pulumi.Output.secret({"public.host": "h", "secret.KEY": "a sentinel value"}),
            domain="shop.example.org",
            kept=asked.get("kept", False),
        ),
    )
    pulumi.export("slot_urls", frontend.slot_urls)
    pulumi.export("endpoints", frontend.endpoints)
    pulumi.export("access", frontend.access)
"""
DOMAIN = "vercel:index/projectDomain:ProjectDomain"
PROJECT = "vercel:index/project:Project"
ALIAS = "vercel:index/alias:Alias"
DEPLOYMENT = "vercel:index/deployment:Deployment"


@pytest.fixture
def shop(engine: Engine, plugins: Plugins) -> Iterator[Engine]:
    """An engine with the program, and the API that knows what the plugin's double made."""

    def made() -> dict[str, str]:
        return {each.id: each.outputs["name"] for each in plugins.objects(PROJECT)}

    plugins.cloud.note(ELSEWHERE, ["shop.example.org"])
    with FakeVercel(others=made) as fake:
        engine.environment |= {
            "PYTHONPATH": str(ROOT),
            "VERCEL_API_TOKEN": fake.token,
            "VERCEL_API_URL": fake.url,
        }
        yield engine.program(PROGRAM)


def package(folder: Path, release: str) -> list[str]:
    """Make what Vercel takes of a release; return its name and its path."""
    output = folder / release / ".vercel" / "output"
    (output / "static").mkdir(parents=True)
    (output / "config.json").write_text(json.dumps({"version": 3, "routes": []}))
    (output / "static" / "index.html").write_text(release)
    return [release, str(folder / release)]


def ask(engine: Engine, live: str | None, *releases: list[str], **slots: str) -> Engine:
    content: dict[str, Any] = {"releases": releases, "live": live, "slots": slots}
    return engine.configure(content=content)


def led_to(plugins: Plugins) -> str:
    """Return the name of the deployment that the domain leads to."""
    sought = plugins.object(ALIAS).outputs["deploymentId"]
    return next(each.name for each in plugins.objects(DEPLOYMENT) if each.id == sought)


def test_traffic_moves_by_the_alias_alone_also_back_to_what_is_not_here_any_more(
    shop: Engine, plugins: Plugins, tmp_path: Path
) -> None:
    first, second = package(tmp_path, "r1"), package(tmp_path, "r2")

    # A new release serves nobody before it has the traffic.
    ask(shop, None, first, blue="r1").up().ok()
    assert plugins.objects(ALIAS) == []
    ask(shop, "r1", first, blue="r1").up().ok()
    assert led_to(plugins) == "frontend-r1"
    shop.unchanged()

    plugins.forget()
    ask(shop, "r1", second, first, blue="r1", green="r2").up().ok()
    assert plugins.changes() == [f"Create {DEPLOYMENT} frontend-r2"]
    outputs = shop.outputs()
    urls = {each.name: each.outputs["url"] for each in plugins.objects(DEPLOYMENT)}
    assert outputs["slot_urls"] == {
        "blue": f"https://{urls['frontend-r1']}",
        "green": f"https://{urls['frontend-r2']}",
    }
    assert outputs["endpoints"] == {k: [v] for k, v in outputs["slot_urls"].items()}

    plugins.forget()
    ask(shop, "r2", second, first, blue="r1", green="r2").up().ok()
    assert plugins.changes() == [f"Update {ALIAS} frontend-alias"]
    assert led_to(plugins) == "frontend-r2"

    # The way back, on another machine: the files of neither release are there.
    shutil.rmtree(tmp_path / "r1")
    elsewhere = ["r2", "/another/machine/r2"]
    plugins.forget()
    ask(shop, "r1", elsewhere, first, blue="r1", green="r2").up().ok()
    assert plugins.changes() == [f"Update {ALIAS} frontend-alias"]
    shop.unchanged()


def test_a_name_that_does_not_lead_there_yet_ends_the_first_switch_and_the_next_one_goes_on(
    shop: Engine, plugins: Plugins, tmp_path: Path
) -> None:
    plugins.cloud.note(ELSEWHERE, [])
    first = package(tmp_path, "r1")
    ask(shop, None, first, blue="r1").up().ok()

    refused = ask(shop, "r1", first, blue="r1").up()
    refused.failed("frontend-domain", "DNS configuration is still invalid; recommended values")
    assert plugins.objects(ALIAS) == []
    ask(shop, None, first, blue="r1").up().ok()

    plugins.cloud.note(ELSEWHERE, ["shop.example.org"])
    plugins.forget()
    ask(shop, "r1", first, blue="r1").up().ok()
    assert plugins.changes() == [
        f"Update {DOMAIN} frontend-domain",
        f"Create {ALIAS} frontend-alias",
    ]
    shop.unchanged()


ALONE = """
    import pulumi
    import pulumiverse_vercel as vercel

    project = vercel.Project("project", name="shop")
    domain = vercel.ProjectDomain("domain", project_id=project.id, domain="shop.example.org")
    made = vercel.Deployment("made", project_id=project.id, ref="main")
    vercel.Alias(
        "alias",
        alias=domain.domain,
        deployment_id=made.id,
        opts=pulumi.ResourceOptions(depends_on=[domain]),
    )
"""


def test_without_a_wait_an_alias_comes_before_its_certificate(
    shop: Engine, plugins: Plugins
) -> None:
    # https://github.com/vercel/terraform-provider-vercel/issues/287
    shop.program(ALONE).up().failed("cert_missing")
    shop.up().ok()

    assert plugins.object(ALIAS).inputs["alias"] == "shop.example.org"


def test_a_release_that_was_never_deployed_and_is_not_here_is_named(
    shop: Engine, plugins: Plugins
) -> None:
    ask(shop, None, ["r1", "/another/machine/r1"], blue="r1").up().failed(
        "Could not read file /another/machine/r1/.vercel/output/config.json"
    )


def test_secrets_and_access_are_in_no_plain_text(
    shop: Engine, plugins: Plugins, tmp_path: Path
) -> None:
    ask(shop, "r1", package(tmp_path, "r1"), blue="r1").up().ok()

    assert "a sentinel value" not in shop.state()
    access = shop.outputs()["access"]
    assert access.keys() == {"x-vercel-protection-bypass"}
    assert access["x-vercel-protection-bypass"] not in shop.state()
    found = plugins.objects("vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable")
    kinds = {o.inputs["key"]: (o.inputs["sensitive"], o.inputs["targets"]) for o in found}
    assert kinds == {"API_URL": (False, ["production", "preview"]), "KEY": (True, ["production"])}
    project = plugins.object(PROJECT)
    assert project.inputs["autoAssignCustomDomains"] is False
    assert project.inputs["vercelAuthentication"] == {"deploymentType": "standard_protection_new"}


def test_nothing_is_left_of_it_and_a_kept_project_stays(
    shop: Engine, plugins: Plugins, tmp_path: Path
) -> None:
    made = package(tmp_path, "r1")
    ask(shop, "r1", made, blue="r1").up().ok()
    shop.destroy().ok()
    assert plugins.objects() == []

    kept = {"releases": [made], "live": "r1", "slots": {"blue": "r1"}, "kept": True}
    shop.configure(content=kept).up().ok()
    shop.destroy().failed("frontend-project", "protected")
