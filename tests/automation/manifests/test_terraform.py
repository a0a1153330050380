"""Terraform configuration, made of what is declared, against what Terraform's providers take."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hcl2
import pytest

from automation.manifests.declared import Plan
from automation.manifests.hcl import Block, Expression, Template, block, value
from automation.manifests.terraform import files
from automation.manifests.terraform_names import argument, type_name
from automation.manifests.terraform_providers import SOURCES
from components.contract.desired import DesiredState
from tests.automation.manifests.conftest import plan

SCHEMA = json.loads((Path(__file__).parent / "schema" / "aws.json").read_text())
SENTINELS = ("given-value", "$secret", "{{")
MAIN, VARIABLES, PROVIDERS = (f"terraform/{name}.tf" for name in ("main", "variables", "providers"))
ADDRESS = re.compile(r"\b((?:data\.)?(?:aws|random|vercel|kubernetes)_\w+\.\w+)\b")


def parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = hcl2.loads(text)
    return found


def declared(text: str, kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield type, name and body of each block of a kind."""
    for each in parsed(text).get(kind, []):
        for named, inside in each.items():
            for name, body in inside.items():
                yield named.strip('"'), name.strip('"'), body


def unknown(body: dict[str, Any], schema: dict[str, Any], where: str) -> Iterator[str]:
    """Yield what a body has that its type does not take, or in another form."""
    for key, each in body.items():
        if key.startswith("__") or key in ("depends_on", "lifecycle"):
            continue
        if key not in schema:
            yield f"{where}.{key}"
            continue
        blocks = isinstance(each, list) and bool(each) and _is_block(each[0])
        if blocks is not isinstance(schema[key], dict):
            yield f"{where}.{key} is {'a block' if blocks else 'an argument'}"
        elif blocks:
            for one in each:
                yield from unknown(one, schema[key], f"{where}.{key}")


def _is_block(each: Any) -> bool:
    return isinstance(each, dict) and "__is_block__" in each


def test_terraform_s_aws_provider_takes_every_argument(production: Plan) -> None:
    text = files(production)[MAIN]
    problems: list[str] = []
    seen = 0
    for prefix, kind in (("", "resource"), ("data.", "data")):
        for named, name, body in declared(text, kind):
            if not named.startswith("aws_"):
                continue
            seen += 1
            assert f"{prefix}{named}" in SCHEMA, f"{named} is not in schema/aws.json: extract it"
            problems += unknown(body, SCHEMA[f"{prefix}{named}"], f"{named}.{name}")

    assert seen > 60
    assert problems == []


def test_the_check_sees_what_a_type_does_not_take() -> None:
    text = 'resource "aws_vpc" "a" {\n  cidr = "x"\n  tags {\n    a = "b"\n  }\n}\n'
    ((named, name, body),) = declared(text, "resource")

    found = list(unknown(body, SCHEMA[named], name))

    assert found == ["a.cidr", "a.tags is a block"]


def test_everything_that_is_referred_to_is_there(either: Plan) -> None:
    written = files(either)
    resources = {f"{kind}.{name}" for kind, name, _ in declared(written[MAIN], "resource")}
    looked_up = {f"data.{kind}.{name}" for kind, name, _ in declared(written[MAIN], "data")}
    variables = {name for each in parsed(written[VARIABLES])["variable"] for name in each}
    text = written[MAIN] + written[PROVIDERS]
    unquoted = re.sub(r"^(resource|data) .*$", "", text, flags=re.MULTILINE)

    known = resources | looked_up
    addresses = {found for found in ADDRESS.findall(unquoted) if found.count(".") > 0}
    assert {
        each for each in addresses if each not in known and f"data.{each}" not in known
    } == set()
    used = set(re.findall(r"\bvar\.(\w+)", text))
    assert used == {name.strip('"') for name in variables}


def test_secrets_are_sensitive_variables_and_nothing_else(either: Plan) -> None:
    written = files(either)
    variables = {
        name.strip('"'): body
        for each in parsed(written[VARIABLES])["variable"]
        for name, body in each.items()
    }
    secret = {name for name, body in variables.items() if body.get("sensitive")}

    assert any("secrets" in name for name in secret)
    for text in written.values():
        assert not [each for each in SENTINELS if each in text.replace("{{ ", "")]


def test_what_is_kept_in_production_is_kept_by_terraform(production: Plan) -> None:
    kept = {
        f"{kind}.{name}"
        for kind, name, body in declared(files(production)[MAIN], "resource")
        if "lifecycle" in body
    }

    assert any(each.startswith("aws_kms_key") for each in kept)


def test_vercel_s_provider_is_the_one_that_the_engine_s_is_made_from_and_numbered_as() -> None:
    major, minor, _ = version("pulumiverse-vercel").split(".")

    assert SOURCES["vercel"] == ("vercel/vercel", f"~> {major}.{minor}")


def test_a_frontend_s_variables_are_there_and_what_is_uploaded_is_not(either: Plan) -> None:
    made = list(declared(files(either)[MAIN], "resource"))
    kinds = {kind for kind, _, _ in made if kind.startswith("vercel_")}
    (release,) = (body for _, name, body in made if name == "frontend_variable_APP_RELEASE")

    assert kinds == {
        *("vercel_project", "vercel_project_domain", "vercel_project_environment_variable")
    }
    assert release["target"] == ['"production"', '"preview"']
    assert "targets" not in release
    assert release["value"] == "${var.frontend_variable_APP_RELEASE_value}"


def test_a_domain_at_vercel_comes_after_its_record(production: Plan) -> None:
    found = {name: body for _, name, body in declared(files(production)[MAIN], "resource")}

    assert "aws_route53_record.dns_app_example_com" in str(found["frontend_domain"]["depends_on"])


def test_objects_of_the_cluster_are_manifests(staging: Plan) -> None:
    manifests = {
        name: body["manifest"]
        for kind, name, body in declared(files(staging)[MAIN], "resource")
        if kind == "kubernetes_manifest"
    }

    assert {"backend_blue", "load_balancer_route"} <= set(manifests)


@pytest.mark.parametrize(
    ("token", "named"),
    [
        ("aws:ec2/vpc:Vpc", "aws_vpc"),
        ("aws:lb/loadBalancer:LoadBalancer", "aws_lb"),
        ("aws:lb/targetGroup:TargetGroup", "aws_lb_target_group"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
         "aws_vpc_security_group_ingress_rule"),
        ("aws:route53/getZone:getZone", "aws_route53_zone"),
        ("random:index/randomPassword:RandomPassword", "random_password"),
        ("vercel:index/projectDomain:ProjectDomain", "vercel_project_domain"),
    ],
)  # fmt: skip
def test_a_type_is_called_as_terraform_calls_it(token: str, named: str) -> None:
    assert type_name(token) == named


@pytest.mark.parametrize(
    ("name", "repeated", "written"),
    [("defaultActions", True, "default_action"), ("vpcConfig", False, "vpc_config"),
     ("metricQueries", True, "metric_query"), ("ingress", True, "ingress")],
)  # fmt: skip
def test_a_block_that_may_be_there_often_is_called_by_one(
    name: str, repeated: bool, written: str
) -> None:
    assert argument(name, repeated=repeated) == written


def test_texts_are_escaped_and_expressions_are_not() -> None:
    told = Template(("a-", Expression("aws_vpc.b.id"), '"${c}%{d}\n'))

    assert value(told) == '"a-${aws_vpc.b.id}\\"$${c}%%{d}\\n"'
    assert parsed(block("x", Block(("y",), {"a": 1, "b": [True, None], "c": {}})))["x"]


def test_an_environment_of_this_machine_declares_nothing_for_terraform() -> None:
    assert files(plan("development")) == {}


def test_without_a_release_there_is_still_something_to_declare(staging: Plan) -> None:
    from automation.manifests.declared import declared as run

    nothing = run("staging", staging.settings, DesiredState(), [])

    assert {each.name for each in nothing.resources} >= {"application-backend-blue"}
