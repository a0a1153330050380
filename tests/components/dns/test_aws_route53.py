"""What the program declares of host names at AWS."""

import pulumi
import pytest

from components.dns.aws_route53 import ApexNeedsAnAddress, Route53, Route53Args, record_type
from components.dns.base import Target
from tests.components.aws import BALANCER, usual
from tests.doubles.clouds import HOSTED_ZONE
from tests.doubles.program import declare


def target(name: str, zone: str | None = None) -> Target:
    known = pulumi.Output.from_input(zone) if zone else None
    return Target(name=pulumi.Output.from_input(name), zone=known)


def test_the_backends_name_is_another_name_of_the_load_balancer() -> None:
    found = usual().inputs["application-dns-api.shop.example.com"]

    assert (found["zoneId"], found["type"]) == (HOSTED_ZONE, "A")
    assert found["aliases"] == [
        {
            "name": f"{BALANCER}-balancer.elb",
            "zoneId": "Z2BALANCER",
            "evaluateTargetHealth": False,
        }
    ]


def test_what_is_elsewhere_is_led_to_by_name_or_by_address() -> None:
    targets = {
        "www.example.com": target("cname.vercel-dns.com"),
        "example.com": target("76.76.21.21"),
    }

    def program() -> dict[str, pulumi.Output[object]]:
        Route53("dns", Route53Args(zone="example.com", targets=targets))
        return {}

    found = declare(program).inputs
    assert (found["dns-www.example.com"]["type"], found["dns-example.com"]["type"]) == (
        "CNAME",
        "A",
    )
    assert found["dns-www.example.com"]["records"] == ["cname.vercel-dns.com"]


VERCEL = {"frontend_platform": "vercel"}


def test_the_domain_waits_for_its_record_and_for_no_other() -> None:
    found = usual(**VERCEL)

    record = found.inputs["application-dns-shop.example.com"]
    assert (record["type"], record["records"]) == ("CNAME", ["cname.vercel-dns.com"])
    waits = found.dependencies["application-frontend-domain"]
    assert "application-dns-shop.example.com" in waits
    assert "application-dns-api.shop.example.com" not in waits


@pytest.mark.parametrize(
    ("zone", "kind", "to"),
    [
        ("shop.example.com", "A", "76.76.21.21"),
        ("example.com", "CNAME", "cname.vercel-dns.com"),
    ],
)
def test_a_zones_own_name_leads_to_an_address_however_many_dots_it_has(
    zone: str, kind: str, to: str
) -> None:
    record = usual(route53_zone=zone, **VERCEL).inputs["application-dns-shop.example.com"]

    assert (record["type"], record["records"]) == (kind, [to])


def test_where_others_look_after_names_there_is_no_record_and_nothing_is_waited_for() -> None:
    found = usual(dns_platform="none", **VERCEL)

    assert not any(name.startswith("application-dns") for name in found.inputs)
    waits = found.dependencies["application-frontend-domain"]
    assert not any(name.startswith("application-dns") for name in waits)


@pytest.mark.parametrize(
    ("to", "kind"), [("192.0.2.1", "A"), ("2001:db8::1", "AAAA"), ("other.example", "CNAME")]
)
def test_a_record_is_of_the_kind_that_its_content_needs(to: str, kind: str) -> None:
    assert record_type("www.example.com", to, apex=False) == kind


def test_the_zones_own_name_cannot_be_another_name() -> None:
    with pytest.raises(ApexNeedsAnAddress, match=r"use a name below it, such as www\.example\.com"):
        record_type("example.com", "cname.vercel-dns.com", apex=True)


def test_a_name_of_another_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shop\.example\.org is not in the zone example\.com"):
        Route53Args(zone="example.com", targets={"shop.example.org": target("192.0.2.1")})
