"""What the program declares of a certificate at AWS."""

import pytest

from components.certificates.aws_acm import AcmCertificateArgs
from tests.components.aws import BALANCER, usual
from tests.doubles.clouds import HOSTED_ZONE
from tests.doubles.program import Declared

CERTIFICATE = "application-certificate"
HOST = "api.shop.example.com"


@pytest.fixture(scope="module")
def running() -> Declared:
    return usual()


def test_the_certificate_is_the_backends_and_proven_by_a_record(running: Declared) -> None:
    certificate = running.inputs[f"{CERTIFICATE}-certificate"]
    proof = running.inputs[f"{CERTIFICATE}-proof-{HOST}"]

    assert (certificate["domainName"], certificate["validationMethod"]) == (HOST, "DNS")
    assert (proof["zoneId"], proof["name"], proof["type"]) == (
        HOSTED_ZONE,
        f"_proof.{HOST}",
        "CNAME",
    )
    assert proof["records"] == [f"{HOST}.acm-validations.aws"]
    issued = running.inputs[f"{CERTIFICATE}-issued"]
    assert issued["validationRecordFqdns"] == [f"_proof.{HOST}"]


def test_the_load_balancer_waits_until_it_is_issued(running: Declared) -> None:
    assert f"{CERTIFICATE}-issued" in running.dependencies[f"{BALANCER}-https"]


@pytest.mark.parametrize(
    ("hosts", "zone", "told"),
    [
        ((), "example.com", "slipway:domain: aws_acm needs a host name"),
        ((HOST,), "", "slipway:route53Zone: expected the name of a hosted zone"),
        ((HOST,), "example.org", f"{HOST} is not in the zone example.org"),
        (("shopexample.com",), "example.com", "shopexample.com is not in the zone"),
    ],
)
def test_what_could_not_be_proven_is_refused(hosts: tuple[str, ...], zone: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        AcmCertificateArgs(hosts=hosts, zone=zone, tags={})
