"""CloudWatch with the numbers of the load balancer: moto, whose answers are what was served."""

import contextlib
import fnmatch
import logging
import re
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import httpx
from moto.cloudwatch.models import CloudWatchBackend
from moto.server import ThreadedMotoServer

from tests.doubles.plugins.values import at
from tests.doubles.world.balancer import Balancer, Served

GROUPS = "aws:lb/targetGroup:TargetGroup"
BINDINGS = "kubernetes:*:TargetGroupBinding"
BAND = re.compile(r"TC\(([\d.]*):([\d.]*)\)")


@contextlib.contextmanager
def serving(balancer: Balancer) -> Iterator[str]:
    """Serve AWS's services on a free port until the block ends; yield the base URL."""
    # a line for each request would hide what a run of hours says of itself
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    def data(_self: Any, queries: list[Any], start_time: Any, end_time: Any, **_: Any) -> Any:
        return [_result(balancer, query, start_time, end_time) for query in queries]

    with mock.patch.object(CloudWatchBackend, "get_metric_data", data):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        server.start()
        url = f"http://127.0.0.1:{port}"
        # moto's memory is its process's: what an earlier world held is not this one's
        httpx.post(f"{url}/moto-api/reset", trust_env=False).raise_for_status()
        try:
            yield url
        finally:
            server.stop()


def _result(
    balancer: Balancer, query: Mapping[str, Any], start: datetime, end: datetime
) -> dict[str, Any]:
    asked = query["MetricStat"]
    metric, period = asked["Metric"], int(asked["Period"])
    named = {each["Name"]: each["Value"] for each in metric.get("Dimensions") or ()}
    service = _service(balancer, named.get("TargetGroup", ""))
    minutes: dict[int, float] = {}
    for each in balancer.served:
        if each.service == service and _moment(start) <= each.at < _moment(end):
            minute = int(each.at // period) * period
            minutes[minute] = minutes.get(minute, 0.0) + _counted(each, metric, asked["Stat"])
    return {
        "Id": query["Id"],
        "Label": query["Id"],
        "Timestamps": [datetime.fromtimestamp(minute, UTC) for minute in minutes],
        "Values": [*minutes.values()],
        "StatusCode": "Complete",
    }


def _moment(given: datetime) -> float:
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp()


def _service(balancer: Balancer, group: str) -> str:
    """Return the Service whose pods are registered in a target group."""
    objects = balancer.objects
    arns = {e.id for e in objects if e.type == GROUPS and e.outputs["arnSuffix"] == group}
    bindings = [each for each in objects if fnmatch.fnmatchcase(each.type, BINDINGS)]
    for each in bindings:
        if at(each.inputs, "spec.targetGroupARN") in arns:
            return str(at(each.inputs, "spec.serviceRef.name"))
    return ""


def _counted(served: Served, metric: Mapping[str, Any], statistic: str) -> float:
    match metric["MetricName"]:
        case "RequestCount":
            return 1.0
        case "HTTPCode_Target_5XX_Count":
            return float(500 <= served.status < 600)
        case "HTTPCode_Target_4XX_Count":
            return float(400 <= served.status < 500)
        case "TargetResponseTime":
            band = BAND.fullmatch(statistic)
            lower, upper = (
                (float(part) if part else None for part in band.groups())
                if band
                else (
                    None,
                    None,
                )
            )
            above = lower is None or served.seconds > lower
            return float(above and (upper is None or served.seconds <= upper))
    return 0.0
