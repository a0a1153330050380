"""CloudWatch, log groups, SNS; and the buckets of S3."""

import json
import secrets
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from tests.doubles.plugins.aws.identity import document
from tests.doubles.plugins.aws.naming import ACCOUNT, arn, by, called, region
from tests.doubles.plugins.provider import Kind, Making, forcing
from tests.doubles.plugins.shapes import Problem
from tests.doubles.plugins.values import UNKNOWN

BUCKET = "aws:s3/bucket:Bucket"
# API reference of CloudWatch Logs, PutRetentionPolicy.
RETENTIONS = {
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
}


def _retention(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    days = inputs.get("retentionInDays")
    if isinstance(days, int) and days not in RETENTIONS:
        yield "retentionInDays", f"expected one of {sorted(RETENTIONS)}, got {days}"


def _alarm(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    queries = inputs.get("metricQueries")
    if not inputs.get("metricName") and not queries and not inputs.get("evaluationCriteria"):
        yield "metricName", "one of metricName, metricQueries must be given"
    if inputs.get("metricName"):
        for name in ("namespace", "period"):
            if inputs.get(name) is None:
                yield name, "required with metricName"
        if inputs.get("statistic") is None and inputs.get("extendedStatistic") is None:
            yield "statistic", "one of statistic, extendedStatistic is required with metricName"
    if isinstance(queries, list):
        shown = [each for each in queries if each.get("returnData") not in (None, False)]
        if len(shown) != 1:
            yield "metricQueries", f"exactly one query returns data, not {len(shown)}"
    treated = inputs.get("treatMissingData")
    if treated not in (None, UNKNOWN, "missing", "ignore", "breaching", "notBreaching"):
        yield "treatMissingData", f"{treated!r} is not known"


def _body(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    value = inputs.get("dashboardBody")
    if not isinstance(value, str) or UNKNOWN in value:
        return
    try:
        widgets = json.loads(value)["widgets"]
    except (ValueError, KeyError, TypeError) as error:
        yield "dashboardBody", f"InvalidParameterInput: {error!r}"
        return
    for index, each in enumerate(widgets):
        if "type" not in each or "properties" not in each:
            yield "dashboardBody", f"widgets[{index}] has no type or no properties"


def _subscription(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    known = {
        "sqs",
        "sms",
        "lambda",
        "firehose",
        "application",
        "email",
        "email-json",
        "http",
        "https",
    }
    if inputs.get("protocol") not in {*known, None, UNKNOWN}:
        yield "protocol", f"expected one of {sorted(known)}"


def _subscribed(making: Making, id_: str) -> dict[str, Any]:
    pending = str(making.get("protocol")).startswith(("email", "http"))
    return {
        "arn": id_,
        "ownerId": ACCOUNT,
        "pendingConfirmation": pending,
        "confirmationWasAuthenticated": not pending,
        "rawMessageDelivery": making.get("rawMessageDelivery", False),
    }


def _bucket(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": f"arn:aws:s3:::{id_}",
        "bucket": id_,
        "bucketDomainName": f"{id_}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{id_}.s3.{region(making)}.amazonaws.com",
        "bucketRegion": region(making),
        "hostedZoneId": "Z3AQBSTGFYJSTF",
    }


def _bucket_name(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    name = inputs.get("bucket")
    if isinstance(name, str) and name != UNKNOWN and (name.lower() != name or "_" in name):
        yield "bucket", f"{name!r} may only have lowercase letters, digits, dots and hyphens"


def _of_bucket(**known: Any) -> Kind:
    return Kind(forces=forcing("bucket", "region"), unique=("bucket",), id=by("bucket"), **known)


PARTS = (
    *("bucketVersioning:BucketVersioning", "bucketPublicAccessBlock:BucketPublicAccessBlock"),
    "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "bucketOwnershipControls:BucketOwnershipControls",
    *("bucketLogging:BucketLogging", "bucketCorsConfiguration:BucketCorsConfiguration"),
)
OBJECT = Kind(
    forces=forcing("bucket", "key", "region"),
    unique=("bucket", "key"),
    id=by("bucket", "key", between="/"),
    outputs=lambda making, id_: {"etag": secrets.token_hex(16), "arn": f"arn:aws:s3:::{id_}"},
    fresh=("etag",),
)
KINDS: Mapping[str, Kind] = {
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        forces=forcing("name", "namePrefix", "logGroupClass", "region"),
        autoname="name",
        limit=512,
        unique=("name",),
        id=called,
        outputs=lambda making, id_: {
            "arn": arn(making, "logs", f"log-group:{id_}"),
            "logGroupClass": making.get("logGroupClass", "STANDARD"),
        },
        check=_retention,
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        forces=forcing("name", "region"),
        autoname="name",
        limit=255,
        unique=("name",),
        id=by("name"),
        outputs=lambda making, id_: {
            "arn": arn(making, "cloudwatch", f"alarm:{id_}"),
            "actionsEnabled": making.get("actionsEnabled", True),
            "treatMissingData": making.get("treatMissingData", "missing"),
        },
        check=_alarm,
        blocks=(),
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Kind(
        forces=forcing("alarmName", "region"),
        unique=("alarmName",),
        id=by("alarmName"),
        outputs=lambda making, id_: {"arn": arn(making, "cloudwatch", f"alarm:{id_}")},
    ),
    "aws:cloudwatch/dashboard:Dashboard": Kind(
        forces=forcing("dashboardName", "region"),
        unique=("dashboardName",),
        id=by("dashboardName"),
        outputs=lambda making, id_: {
            "dashboardArn": f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{id_}"
        },
        check=_body,
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Kind(
        forces=forcing("name", "logGroupName"),
        autoname="name",
        unique=("logGroupName", "name"),
        id=by("name"),
    ),
    "aws:sns/topic:Topic": Kind(
        forces=forcing("name", "namePrefix", "fifoTopic", "region"),
        autoname="name",
        limit=256,
        unique=("name",),
        id=lambda making: arn(making, "sns", called(making)),
        outputs=lambda making, id_: {"arn": id_, "owner": ACCOUNT},
    ),
    "aws:sns/topicPolicy:TopicPolicy": Kind(
        forces=forcing("arn", "region"),
        unique=("arn",),
        id=by("arn"),
        outputs=lambda making, id_: {"owner": ACCOUNT},
        check=document("policy"),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        forces=forcing("topic", "protocol", "endpoint", "region"),
        unique=("topic", "protocol", "endpoint"),
        id=lambda making: f"{making.inputs['topic']}:{uuid.uuid4()}",
        outputs=_subscribed,
        check=_subscription,
    ),
    BUCKET: Kind(
        forces=forcing("bucket", "bucketPrefix", "objectLockEnabled", "region"),
        autoname="bucket",
        limit=63,
        unique=("bucket",),
        id=lambda making: called(making, "bucket"),
        outputs=_bucket,
        check=_bucket_name,
        blocks=("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _of_bucket(check=document("policy")),
    **{f"aws:s3/{part}": _of_bucket() for part in PARTS},
    "aws:s3/bucketObject:BucketObject": OBJECT,
    "aws:s3/bucketObjectv2:BucketObjectv2": OBJECT,
}
