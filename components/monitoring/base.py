"""What every platform of monitoring is given, and what it offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.foundation import Foundation
from components.load_balancer.base import LoadBalancer

SLACK = "SLACK_WEBHOOK_URL"
"""Given secret: the address of an incoming webhook of Slack."""
PAGERDUTY = "PAGERDUTY_ROUTING_KEY"
"""Given secret: the integration key of a service at PagerDuty."""


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """`database` is the secret connection of the database, `given` the operator's secrets."""

    foundation: Foundation
    load_balancer: LoadBalancer
    database: pulumi.Output[dict[str, str]]
    given: dict[str, pulumi.Output[str]]


class Monitoring(Protocol):
    """`summary` tells the driver what is in place: `platform`, `address` (where it is asked),
    `prefix` (how names begin there), `alert_rules` (a count), `rules` (their names), `dashboards`
    (URLs or names) and `channels` (names). `blind` are the rules that have no numbers unless
    somebody provides them. It is empty where nobody evaluates anything."""

    summary: pulumi.Output[dict[str, object]]
