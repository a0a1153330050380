"""What the program declares of a load balancer at AWS."""

import pytest

from components.contract import outputs
from components.contract.statistics import CloudWatchAddress
from tests.components.aws import BALANCER, CLUSTER, declared, of_kind, usual
from tests.components.clusters import released
from tests.components.examples import live
from tests.doubles.program import Declared

RULE, GROUP = "aws:lb/listenerRule:ListenerRule", "aws:lb/targetGroup:TargetGroup"


@pytest.fixture(scope="module")
def running() -> Declared:
    return usual()


def test_http_is_sent_to_https(running: Declared) -> None:
    listener = running.inputs[f"{BALANCER}-http"]

    assert listener["port"] == 80
    assert listener["defaultActions"][0]["redirect"] == {
        "port": "443",
        "protocol": "HTTPS",
        "statusCode": "HTTP_301",
    }


def test_https_is_tls_1_2_or_newer_with_the_certificate(running: Declared) -> None:
    listener = running.inputs[f"{BALANCER}-https"]

    assert listener["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-Res-")
    assert listener["certificateArn"] == "arn:aws:application-certificate-certificate"
    assert listener["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"
    assert listener["routingHttpResponseStrictTransportSecurityHeaderValue"] == "max-age=31536000"


def test_requests_that_servers_may_read_differently_are_not_let_in(running: Declared) -> None:
    balancer = running.inputs[f"{BALANCER}-balancer"]

    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["desyncMitigationMode"] == "defensive"
    assert balancer["internal"] is False
    assert {*balancer["subnets"]} == {f"{CLUSTER}-network-public-{z}-id" for z in range(3)}


def test_the_public_reaches_two_ports_and_the_load_balancer_one_of_the_pods(
    running: Declared,
) -> None:
    given = running.inputs
    open_ports = {given[f"{BALANCER}-from-{scheme}"]["toPort"] for scheme in ("http", "https")}
    inward, outward = given[f"{BALANCER}-into-pods"], given[f"{BALANCER}-to-pods"]

    assert open_ports == {80, 443}
    assert inward["referencedSecurityGroupId"] == outward["securityGroupId"]
    assert inward["securityGroupId"] == outward["referencedSecurityGroupId"] == "sg-cluster"
    assert {inward["fromPort"], inward["toPort"], outward["fromPort"], outward["toPort"]} == {8000}
    assert "cidrIpv4" not in inward | outward


def test_access_logs_go_where_the_settings_say(running: Declared) -> None:
    found = usual(alb_access_logs_bucket="shop-logs").inputs

    assert found[f"{BALANCER}-balancer"]["accessLogs"] == {
        "bucket": "shop-logs",
        "prefix": "todo-production",
        "enabled": True,
    }
    assert "accessLogs" not in running.inputs[f"{BALANCER}-balancer"]


def test_each_slot_has_a_group_of_pods_that_are_asked_whether_they_can_serve(
    running: Declared,
) -> None:
    groups = of_kind(running, GROUP)

    assert groups.keys() == {f"{BALANCER}-blue", f"{BALANCER}-green"}
    for group in groups.values():
        assert group["targetType"] == "ip"
        assert group["healthCheck"]["path"] == "/ready"
        assert group["deregistrationDelay"] == 20
        assert "stickiness" not in group
        # EKS Auto Mode registers pods in groups with this tag alone.
        assert group["tags"]["eks:eks-cluster-name"] == "todo-production"


def test_pods_of_a_slot_are_bound_to_its_group(running: Declared) -> None:
    for slot in ("blue", "green"):
        binding = running.inputs[f"{BALANCER}-binding-{slot}"]
        service = running.inputs[f"{BALANCER}-service-{slot}"]

        assert binding["spec"] == {
            "serviceRef": {"name": f"backend-{slot}", "port": 80},
            "targetGroupARN": f"arn:aws:{BALANCER}-{slot}",
            "targetType": "ip",
        }
        assert service["metadata"]["name"] == f"backend-{slot}"
        assert service["spec"]["selector"]["slipway/slot"] == slot
        assert service["spec"]["ports"][0]["targetPort"] == "http"


def test_pods_start_when_requests_can_find_them(running: Declared) -> None:
    route = f"{BALANCER}-rule-everybody"

    assert route in running.dependencies["application-backend-blue"]
    assert {f"{BALANCER}-binding-blue", f"{BALANCER}-binding-green"} <= running.dependencies[route]


def test_rules_come_in_the_order_in_which_they_count(running: Declared) -> None:
    rules = of_kind(running, RULE)
    order = sorted(rules, key=lambda name: rules[name]["priority"])

    assert [name.removeprefix(f"{BALANCER}-rule-") for name in order] == [
        *("blue", "green"),
        *("audience", "everybody"),
    ]


def test_another_weight_changes_one_rule_and_nothing_else(running: Declared) -> None:
    one, other = released(), released("2.0.0-bb")
    before = live(one, other)
    shifted = before.with_service("backend", before.backend.with_weights(blue=90, green=10))
    first, second = declared(before).inputs, declared(shifted).inputs

    changed = {
        name
        for name, given in first.items()
        if given != second[name] and name.startswith("application-load-balancer")
    }
    assert changed == {f"{BALANCER}-rule-everybody"}


def test_the_driver_is_told_where_numbers_of_each_slot_are(running: Declared) -> None:
    address = CloudWatchAddress.parse(running.outputs[outputs.EDGE_STATISTICS_URL])

    assert address.region == "eu-central-1"
    assert address.load_balancer == f"app/{BALANCER}-balancer"
    assert address.target_groups == {
        slot: f"targetgroup/{BALANCER}-{slot}" for slot in ("blue", "green")
    }


def test_the_driver_is_told_how_late_the_numbers_are() -> None:
    url = usual(cloudwatch_delay_seconds=7).outputs[outputs.EDGE_STATISTICS_URL]

    assert CloudWatchAddress.parse(url).delay_seconds == 7


def test_a_load_balancer_in_no_known_network_is_refused() -> None:
    with pytest.raises(ValueError, match="needs slipway:backendPlatform aws_eks"):
        usual(backend_platform="kubernetes", secrets_platform="config")


def test_a_load_balancer_without_a_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="needs slipway:certificatePlatform aws_acm; it is local"):
        usual(certificate_platform="local")
