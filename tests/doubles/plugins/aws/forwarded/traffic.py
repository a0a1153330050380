"""Load balancers."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.plugins.aws.forwarded.calls import Call, Calling, Forwarded, id_as, pascal, tags

ELB = {
    "arn": "TargetGroupArn",
    "stickiness": "TargetGroupStickinessConfig",
    "duration": "DurationSeconds",
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixedResponse": "FixedResponseConfig",
    "urlRewriteConfig": "UrlRewriteConfig",
}
FIELDS = {
    "pathPattern": "path-pattern",
    "httpHeader": "http-header",
    "hostHeader": "host-header",
    "httpRequestMethod": "http-request-method",
    "queryString": "query-string",
    "sourceIp": "source-ip",
}


def _conditions(calling: Calling) -> list[dict[str, Any]]:
    return [
        {"Field": FIELDS[kind], f"{kind[0].upper()}{kind[1:]}Config": pascal(content, {})}
        for condition in calling.get("conditions", [])
        for kind, content in condition.items()
        if content
    ]


def _actions(calling: Calling, name: str = "actions") -> Any:
    return pascal(calling.get(name, []), ELB)


def _balancer(calling: Calling) -> tuple[str, dict[str, Any]]:
    made = calling.answers[-1]["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    suffix = arn.partition(":loadbalancer/")[2]
    return arn, {
        "arn": arn,
        "id": arn,
        "arnSuffix": suffix,
        "dnsName": made["DNSName"],
        "zoneId": made["CanonicalHostedZoneId"],
    }


def _group(calling: Calling) -> tuple[str, dict[str, Any]]:
    arn = calling.answers[-1]["TargetGroups"][0]["TargetGroupArn"]
    return arn, {"arn": arn, "id": arn, "arnSuffix": arn.rpartition(":")[2]}


def _of(answer: str, key: str) -> Callable[[Calling], tuple[str, dict[str, Any]]]:
    def made(calling: Calling) -> tuple[str, dict[str, Any]]:
        arn = calling.first[answer][0][key]
        return arn, {"arn": arn, "id": arn}

    return made


def _health(calling: Calling) -> dict[str, Any]:
    asked = calling.get("healthCheck", {})
    return {
        "HealthCheckPath": asked.get("path"),
        "HealthCheckIntervalSeconds": asked.get("interval"),
        "HealthCheckTimeoutSeconds": asked.get("timeout"),
        "HealthyThresholdCount": asked.get("healthyThreshold"),
        "UnhealthyThresholdCount": asked.get("unhealthyThreshold"),
        "Matcher": {"HttpCode": asked["matcher"]} if asked.get("matcher") else None,
    }


def _listening(calling: Calling) -> dict[str, Any]:
    certificate = calling.get("certificateArn")
    return {
        "Port": calling.get("port"),
        "Protocol": calling.get("protocol"),
        "SslPolicy": calling.get("sslPolicy"),
        "Certificates": [{"CertificateArn": certificate}] if certificate else None,
        "DefaultActions": _actions(calling, "defaultActions"),
    }


FORWARDED: Mapping[str, Forwarded] = {
    "aws:lb/loadBalancer:LoadBalancer": Forwarded(
        create=(
            # Networks are not forwarded: the emulator's own stand for those of the double.
            Call("ec2", "describe_subnets", lambda c: {}),
            Call(
                "elbv2",
                "create_load_balancer",
                lambda c: {
                    "Name": c.inputs["name"],
                    "Subnets": [each["SubnetId"] for each in c.first["Subnets"][:2]],
                    "Scheme": "internal" if c.get("internal") else "internet-facing",
                    "Type": c.get("loadBalancerType", "application"),
                    "Tags": tags(c),
                },
            ),
        ),
        delete=(Call("elbv2", "delete_load_balancer", id_as("LoadBalancerArn")),),
        read=Call("elbv2", "describe_load_balancers", lambda c: {"LoadBalancerArns": [c.thing.id]}),
        made=_balancer,
    ),
    "aws:lb/targetGroup:TargetGroup": Forwarded(
        create=(
            Call("ec2", "describe_vpcs", lambda c: {}),
            Call(
                "elbv2",
                "create_target_group",
                lambda c: {
                    "Name": c.inputs["name"],
                    "Protocol": c.get("protocol"),
                    "Port": c.get("port"),
                    "VpcId": c.first["Vpcs"][0]["VpcId"] if c.get("vpcId") else None,
                    "TargetType": c.get("targetType"),
                    **_health(c),
                },
            ),
        ),
        update=(
            Call(
                "elbv2",
                "modify_target_group",
                lambda c: {"TargetGroupArn": c.thing.id, **_health(c)},
            ),
        ),
        delete=(Call("elbv2", "delete_target_group", id_as("TargetGroupArn")),),
        read=Call("elbv2", "describe_target_groups", lambda c: {"TargetGroupArns": [c.thing.id]}),
        made=_group,
    ),
    "aws:lb/listener:Listener": Forwarded(
        create=(
            Call(
                "elbv2",
                "create_listener",
                lambda c: {"LoadBalancerArn": c.inputs["loadBalancerArn"], **_listening(c)},
            ),
        ),
        update=(
            Call(
                "elbv2", "modify_listener", lambda c: {"ListenerArn": c.thing.id, **_listening(c)}
            ),
        ),
        delete=(Call("elbv2", "delete_listener", id_as("ListenerArn")),),
        read=Call("elbv2", "describe_listeners", lambda c: {"ListenerArns": [c.thing.id]}),
        made=_of("Listeners", "ListenerArn"),
    ),
    "aws:lb/listenerRule:ListenerRule": Forwarded(
        create=(
            Call(
                "elbv2",
                "create_rule",
                lambda c: {
                    "ListenerArn": c.inputs["listenerArn"],
                    "Priority": c.get("priority", 1),
                    "Conditions": _conditions(c),
                    "Actions": _actions(c),
                },
            ),
        ),
        update=(
            Call(
                "elbv2",
                "modify_rule",
                lambda c: {
                    "RuleArn": c.thing.id,
                    "Conditions": _conditions(c),
                    "Actions": _actions(c),
                },
            ),
        ),
        delete=(Call("elbv2", "delete_rule", id_as("RuleArn")),),
        read=Call("elbv2", "describe_rules", lambda c: {"RuleArns": [c.thing.id]}),
        made=_of("Rules", "RuleArn"),
    ),
}
