"""What a load balancer at AWS has told CloudWatch about each target group."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar

import httpx

from automation.metrics.base import SlotTraffic, SourceUnavailable, Traffic
from automation.metrics.latency import Band
from components.contract.desired import SlotName
from components.contract.statistics import CloudWatchAddress, NotAnAddress

NAMESPACE = "AWS/ApplicationELB"
PERIOD_SECONDS = 60
COUNTS = {
    "requests": "RequestCount",
    "failed": "HTTPCode_Target_5XX_Count",
    "refused": "HTTPCode_Target_4XX_Count",
    # Connections that no target took: the load balancer answers 502 or 504 in its place.
    "broken": "TargetConnectionErrorCount",
}
BOUNDS = (
    *(0, 5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 400, 500, 750),
    *(1000, 1500, 2000, 3000, 5000, 10_000, 30_000),
)
"""Of the bands of response times, in milliseconds."""
BANDS = (*(Band(*each) for each in pairwise(map(float, BOUNDS))), Band(30_000.0, 30_000.0))


def _now() -> datetime:
    return datetime.now(UTC)


class CloudWatchSource:
    """Adds up minutes, from the one that it is made in on. Its URL is a CloudWatchAddress.

    Credentials and endpoint are those of AWS's own tools. Answers with 5xx of the load balancer
    itself have no target group: of these it sees only connections that could not be made.
    """

    fails_on_purpose: ClassVar[bool] = False

    def __init__(
        self, base_url: str, client: httpx.Client, *, now: Callable[[], datetime] = _now
    ) -> None:
        self._url = base_url
        self._now = now
        self._start = self._until = now().replace(second=0, microsecond=0)
        self._counted: dict[str, float] = {}

    @property
    def lag_seconds(self) -> float:
        """Return how long it takes for the minute of a request to end, and to be complete."""
        return PERIOD_SECONDS + self._address().delay_seconds

    def traffic(self) -> Traffic:
        """Return the traffic of the backend's slots, up to the last minute that is complete."""
        address = self._address()
        until = self._now() - timedelta(seconds=address.delay_seconds)
        until = until.replace(second=0, microsecond=0)
        # Between two minutes there is nothing new, and each question costs.
        if until > self._until:
            self._counted = _ask(address, self._start, until)
            self._until = until
        return {("backend", slot): self._slot(slot) for slot in address.target_groups}

    def _address(self) -> CloudWatchAddress:
        try:
            return CloudWatchAddress.parse(self._url)
        except NotAnAddress as error:
            raise SourceUnavailable(str(error)) from error

    def _slot(self, slot: SlotName) -> SlotTraffic:
        def of(name: str) -> int:
            return round(self._counted.get(f"{slot}_{name}", 0))

        bands = {band: of(f"band_{index}") for index, band in enumerate(BANDS)}
        return SlotTraffic(
            **{name: of(name) for name in COUNTS},
            latencies={band: count for band, count in bands.items() if count},
        )


def _ask(address: CloudWatchAddress, start: datetime, until: datetime) -> dict[str, float]:
    # Loaded here: nobody else needs it, and it takes its time.
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    retries = {"max_attempts": 3, "mode": "standard"}
    patient = Config(connect_timeout=5, read_timeout=10, retries=retries)
    sums: dict[str, float] = {}
    try:
        # Of a session of its own: one that is kept would keep credentials that have expired.
        session = boto3.session.Session(region_name=address.region)
        client = session.client("cloudwatch", config=patient)
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=list(_queries(address)), StartTime=start, EndTime=until
        )
        for result in (result for page in pages for result in page["MetricDataResults"]):
            if result.get("StatusCode", "Complete") in ("InternalError", "Forbidden"):
                raise SourceUnavailable(f"CloudWatch: {result['Id']}: {result['StatusCode']}")
            sums[result["Id"]] = sums.get(result["Id"], 0.0) + sum(result["Values"])
    except ClientError as error:
        told = error.response.get("Error", {})
        raise SourceUnavailable(f"CloudWatch: {told.get('Code')}: {told.get('Message')}") from error
    except BotoCoreError as error:
        raise SourceUnavailable(f"CloudWatch: {error}") from error
    return sums


def _queries(address: CloudWatchAddress) -> Iterator[dict[str, Any]]:
    for slot, group in address.target_groups.items():
        dimensions = {"LoadBalancer": address.load_balancer, "TargetGroup": group}
        for name, metric in COUNTS.items():
            yield _query(f"{slot}_{name}", metric, "Sum", dimensions)
        for index, band in enumerate(BANDS):
            yield _query(f"{slot}_band_{index}", "TargetResponseTime", _count(band), dimensions)


def _count(band: Band) -> str:
    """Return the statistic "trimmed count": how many values are above one bound and up to another.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
    """
    lower = f"{band.lower / 1000:g}" if band.lower else ""
    upper = f"{band.upper / 1000:g}" if band.upper > band.lower else ""
    return f"TC({lower}:{upper})"


def _query(
    identifier: str, metric: str, statistic: str, dimensions: Mapping[str, str]
) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return {
        "Id": identifier,
        "MetricStat": {
            "Metric": {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": named},
            "Period": PERIOD_SECONDS,
            "Stat": statistic,
        },
        "ReturnData": True,
    }
