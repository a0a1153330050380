"""An Application Load Balancer at AWS that splits traffic between two slots by weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws

from components.backend.kubernetes_variables import PORT
from components.cluster.base import Network
from components.contract.desired import SLOTS, DesiredState, SlotName
from components.contract.statistics import USUAL_DELAY_SECONDS, CloudWatchAddress
from components.dns.base import Target
from components.load_balancer import alb_front, alb_rules
from components.physical_names import within

NAME_LIMIT = 32
HEALTHY, UNHEALTHY, EVERY_SECONDS, TIMEOUT_SECONDS = 2, 2, 10, 5
PRIORITIES: Mapping[str, int] = {
    **{slot: 10 + index for index, slot in enumerate(SLOTS)},
    "audience": 20,
    "everybody": 30,
}


@dataclass(frozen=True, kw_only=True)
class AlbArgs:
    """`prefix` begins names, `domain` is the host name it answers to, `certificate` the ARN of
    that name's certificate. `cluster_name` is the cluster whose controller registers pods.

    `access_logs` is the bucket that takes them, empty for none. `kept` protects it from deletion.
    `delay_seconds` is how long after a minute its numbers are complete.
    """

    prefix: str
    domain: str
    region: str
    network: Network
    certificate: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    state: pulumi.Output[DesiredState]
    tags: Mapping[str, str]
    access_logs: str = ""
    kept: bool = False
    delay_seconds: int = USUAL_DELAY_SECONDS

    def __post_init__(self) -> None:
        """Raise ValueError without a host name: there would be no certificate."""
        if not self.domain:
            raise ValueError("slipway:domain: aws_alb needs a host name, such as app.example.com")


class Alb(pulumi.ComponentResource):
    """HTTPS for the slots of a backend; what is asked for by HTTP is sent there.

    `groups` are the target groups of the slots. What registers pods in them is declared beside.
    """

    TYPE: ClassVar[str] = "slipway:loadbalancer:Alb"
    origin: pulumi.Output[str]
    target: Target | None
    statistics_url: pulumi.Output[str]

    def __init__(
        self, name: str, args: AlbArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the load balancer and the groups; its rules are declared by `route`."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._inside = pulumi.ResourceOptions(parent=self)
        front = alb_front.declare(name, args, self._inside)
        self.groups = {slot: self._group(slot) for slot in SLOTS}
        self._listener = front.listener
        self.origin = pulumi.Output.from_input(f"https://{args.domain}")
        self.target = Target(name=front.balancer.dns_name, zone=front.balancer.zone_id)
        self.statistics_url = self._statistics(front.balancer)
        self.register_outputs({"origin": self.origin})

    def route(self, after: list[pulumi.Resource]) -> aws.lb.ListenerRule:
        """Declare the rules, once `after` is made; return the one that everybody is served by."""
        opts = pulumi.ResourceOptions(parent=self, depends_on=after)
        known: pulumi.Output[list[Any]] = pulumi.Output.all(
            self._args.state, *(self.groups[slot].arn for slot in SLOTS)
        )
        made = {rule: self._rule(rule, known, opts) for rule in PRIORITIES}
        return made["everybody"]

    def _rule(
        self, rule: str, known: pulumi.Output[list[Any]], opts: pulumi.ResourceOptions
    ) -> aws.lb.ListenerRule:
        part = known.apply(lambda k: _part(rule, k[0], k[1:]))
        return aws.lb.ListenerRule(
            f"{self._name}-rule-{rule}",
            listener_arn=self._listener.arn,
            priority=PRIORITIES[rule],
            conditions=part.apply(lambda p: p["conditions"]),
            actions=part.apply(lambda p: p["actions"]),
            transforms=part.apply(lambda p: p["transforms"]),
            tags=dict(self._args.tags),
            opts=opts,
        )

    def _group(self, slot: SlotName) -> aws.lb.TargetGroup:
        args = self._args
        return aws.lb.TargetGroup(
            f"{self._name}-{slot}",
            name=within(NAME_LIMIT, f"{args.prefix}-{slot}"),
            port=PORT,
            protocol="HTTP",
            target_type="ip",
            vpc_id=args.network.vpc,
            deregistration_delay=args.state.apply(lambda s: alb_rules.drain_seconds(s, slot)),
            health_check={
                "path": args.state.apply(lambda s: alb_rules.health_path(s, slot)),
                "matcher": "200-299",
                "interval": EVERY_SECONDS,
                "timeout": TIMEOUT_SECONDS,
                "healthy_threshold": HEALTHY,
                "unhealthy_threshold": UNHEALTHY,
            },
            # Without this tag the controller of EKS Auto Mode may not register a pod.
            tags=pulumi.Output.from_input(args.cluster_name).apply(
                lambda cluster: {**args.tags, "eks:eks-cluster-name": cluster}
            ),
            opts=self._inside,
        )

    def _statistics(self, balancer: aws.lb.LoadBalancer) -> pulumi.Output[str]:
        known: pulumi.Output[list[str]] = pulumi.Output.all(
            balancer.arn_suffix, *(self.groups[slot].arn_suffix for slot in SLOTS)
        )
        return known.apply(
            lambda k: (
                CloudWatchAddress(
                    region=self._args.region,
                    load_balancer=k[0],
                    target_groups=dict(zip(SLOTS, k[1:], strict=True)),
                    delay_seconds=self._args.delay_seconds,
                ).url
            )
        )


def _part(rule: str, state: DesiredState, arns: Sequence[str]) -> dict[str, Any]:
    groups = dict(zip(SLOTS, arns, strict=True))
    if rule == "everybody":
        return alb_rules.everybody(state, groups)
    if rule == "audience":
        return alb_rules.audience(state, groups)
    return alb_rules.named(state, "blue" if rule == "blue" else "green", groups)
