"""The chosen platforms have what they need before anything is touched."""

from typing import Any

import pytest

from automation import settings as files
from automation.reports.observed import CheckFact
from automation.validation import platforms
from components.contract.settings import Settings


def fact(name: str, environment: str, **chosen: Any) -> CheckFact | None:
    found = platforms.checks(Settings(**chosen), environment, {})
    return next((each for each in found if each.name == name), None)


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize("concern", ["backend_platform", "database_platform"])
def test_what_is_elsewhere_says_whose_it_is(environment: str, concern: str) -> None:
    chosen = {concern: "kubernetes" if concern == "backend_platform" else "neon"}

    missing = fact("owner", environment, **chosen)
    assert missing is not None
    assert (missing.status, missing.blocking) == ("failed", True)
    assert missing.details.startswith(f"Pulumi.{environment}.yaml: slipway:owner is not set")
    assert missing.remedy

    given = fact("owner", environment, owner="shop-team", **chosen)
    assert given is not None
    assert (given.status, given.details) == ("passed", "shop-team")


def test_what_is_on_this_machine_or_one_persons_need_not() -> None:
    assert fact("owner", "production") is None
    assert fact("owner", "development", database_platform="neon") is None


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_files_of_the_project_say_it(environment: str) -> None:
    assert files.load(environment).settings.owner


@pytest.mark.parametrize(("balancer", "fits"), [("gateway", False), ("aws_alb", True)])
def test_records_at_route_53_are_for_a_load_balancer_that_says_where_it_is(
    balancer: str, fits: bool
) -> None:
    chosen = {"dns_platform": "aws_route53", "load_balancer_platform": balancer}
    told = "slipway:loadBalancerPlatform is gateway, but slipway:dnsPlatform aws_route53 works with"

    found = fact("platforms", "production", **chosen)

    assert found is not None
    assert (told in found.details) is not fits
