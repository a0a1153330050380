import pytest

from automation.engine.complaints import KINDS, complaint

VPC = "urn:pulumi:production::slipway::slipway:index:Application$aws:ec2/vpc:Vpc::app-net"
SAID = {
    "api error Throttling: Rate exceeded": "throttled",
    "api error VpcLimitExceeded: The maximum number of VPCs has been reached.": "quota",
    "exceeded quota: compute-resources, requested: pods=1": "quota",
    "api error UnauthorizedOperation: You are not authorized": "denied",
    'deployments.apps is forbidden: User "x" cannot create resource': "denied",
    "api error EntityAlreadyExists: Role with name x already exists.": "exists",
    "timeout while waiting for state to become 'available' (last state: 'pending')": "timeout",
    "dial tcp: lookup api.vercel.com: no such host": "unavailable",
    "Timed out: DNS configuration is still invalid; recommended values: CNAME": "name",
    "cert_missing - The domain you are trying to associate is missing a SSL certificate": "name",
}


@pytest.mark.parametrize("said", SAID)
def test_what_a_provider_says_is_told_with_its_resource_and_what_helps(said: str):
    advice = {kind: text for kind, _, text in KINDS}[SAID[said]]

    assert complaint(VPC, said) == f"app-net (aws:ec2/vpc:Vpc): {said}; {advice}"


def test_what_nobody_knows_is_told_as_it_is():
    assert complaint(VPC, "odd") == "app-net (aws:ec2/vpc:Vpc): odd"


@pytest.mark.parametrize(
    "urn",
    [
        None,
        "",
        "urn:pulumi:development::slipway::pulumi:pulumi:Stack::slipway-development",
        "urn:pulumi:d::slipway::x$pulumi-python:dynamic/local:Processes::application-backend-blue",
    ],
)
def test_the_program_and_what_runs_here_say_themselves_what_is_wrong(urn: str | None):
    assert complaint(urn, "postgres did not start: timeout") == "postgres did not start: timeout"
