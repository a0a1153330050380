"""What an emulator of AWS knows better: the engine, the double of `aws`, and moto behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.doubles import moto as emulators
from tests.doubles.plugins.aws.forwarding import VARIABLE
from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
ACCOUNT = Path(__file__).parent / "programs" / "account.py"
REGION = "eu-central-1"


@pytest.fixture
def moto(engine: Engine) -> Iterator[str]:
    """An empty emulator that the double of this test's engine forwards to."""
    with emulators.serving() as url:
        engine.environment[VARIABLE] = url
        yield url


def asked(url: str, service: str) -> Any:
    secret = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name=REGION, endpoint_url=url, **secret)


def test_what_is_made_changed_and_deleted_is_so_at_the_emulator(
    engine: Engine, plugins: Plugins, moto: str
) -> None:
    engine.program(ACCOUNT.read_text())

    engine.up().ok()

    balancers = asked(moto, "elbv2")
    [balancer] = balancers.describe_load_balancers()["LoadBalancers"]
    known = plugins.object("aws:lb/loadBalancer:LoadBalancer")
    assert balancer["LoadBalancerArn"] == known.id
    assert balancer["DNSName"] == known.outputs["dnsName"] == engine.outputs()["host"]
    engine.unchanged()

    engine.configure(weights=[90, 10])
    engine.up().ok()
    listeners = balancers.describe_listeners(LoadBalancerArn=known.id)["Listeners"]
    shares = listeners[0]["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    assert sorted(each["Weight"] for each in shares) == [10, 90]

    engine.destroy().ok()
    assert balancers.describe_load_balancers()["LoadBalancers"] == []
    assert asked(moto, "acm").list_certificates()["CertificateSummaryList"] == []


def test_what_the_emulator_refuses_is_the_plugins_error(engine: Engine, moto: str) -> None:
    engine.program(
        """
        import pulumi_aws as aws
        aws.s3.Bucket("logs", bucket="a-name-that-is-taken")
        """
    )
    asked(moto, "s3").create_bucket(
        Bucket="a-name-that-is-taken",
        CreateBucketConfiguration={"LocationConstraint": REGION},
    )

    engine.up().failed("BucketAlreadyOwnedByYou")


def test_what_the_emulator_has_lost_is_made_again_after_a_refresh(
    engine: Engine, plugins: Plugins, moto: str
) -> None:
    engine.program(
        """
        import pulumi_aws as aws
        topic = aws.sns.Topic("alerts", name="alerts")
        secret = aws.secretsmanager.Secret("key", name="key")
        aws.secretsmanager.SecretVersion("now", secret_id=secret.id, secret_string="one")
        aws.cloudwatch.MetricAlarm(
            "errors", name="errors", comparison_operator="GreaterThanThreshold",
            evaluation_periods=5, threshold=5, treat_missing_data="notBreaching",
            alarm_actions=[topic.arn],
            metric_queries=[
                {"id": "rate", "expression": "100 * failed / all_", "return_data": True},
                {"id": "failed", "metric": {"namespace": "AWS/ApplicationELB", "period": 60,
                 "metric_name": "HTTPCode_Target_5XX_Count", "stat": "Sum",
                 "dimensions": {"LoadBalancer": "app/x/1"}}},
                {"id": "all_", "metric": {"namespace": "AWS/ApplicationELB", "period": 60,
                 "metric_name": "RequestCount", "stat": "Sum",
                 "dimensions": {"LoadBalancer": "app/x/1"}}},
            ],
        )
        aws.cloudwatch.LogGroup("logs", name="/app/logs", retention_in_days=30)
        """
    )
    engine.up().ok()
    watching = asked(moto, "cloudwatch")
    [alarm] = watching.describe_alarms()["MetricAlarms"]
    assert [each["Id"] for each in alarm["Metrics"]] == ["rate", "failed", "all_"]
    secrets = asked(moto, "secretsmanager")
    assert secrets.get_secret_value(SecretId="key")["SecretString"] == "one"

    watching.delete_alarms(AlarmNames=["errors"])
    engine.refresh().ok()
    engine.up().ok()

    assert len(watching.describe_alarms()["MetricAlarms"]) == 1
    engine.unchanged()
