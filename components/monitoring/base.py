"""What every platform of monitoring is given."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.foundation import Foundation
from components.load_balancer.base import LoadBalancer


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """`database` is the secret connection of the database, `given` the operator's secrets."""

    foundation: Foundation
    load_balancer: LoadBalancer
    database: pulumi.Output[dict[str, str]]
    given: dict[str, pulumi.Output[str]]


class Monitoring(Protocol):
    """`summary` tells the driver what is in place: `alert_rules` (a count), `dashboards` (URLs or
    names), `channels` (names) and `platform`."""

    summary: pulumi.Output[dict[str, object]]
