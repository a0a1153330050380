"""The alarms that CloudWatch has."""

from collections.abc import Collection, Mapping

import httpx

from automation.evaluators.base import NotEvaluated
from components.contract.statistics import CloudWatchAddress, NotAnAddress


class CloudWatchEvaluator:
    """Asks for alarms in the region of a CloudWatchAddress."""

    def __init__(self, address: str, client: httpx.Client) -> None:
        self._url = address

    def loaded(self, prefix: str, rules: Collection[str]) -> Mapping[str, str]:
        """Return `OK`, `ALARM` or `INSUFFICIENT_DATA` of each rule's alarm that may act."""
        # Loaded here: nobody else needs it, and it takes its time.
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        names = {f"{prefix}-{rule}": rule for rule in rules}
        retries = {"max_attempts": 3, "mode": "standard"}
        patient = Config(connect_timeout=5, read_timeout=10, retries=retries)
        try:
            region = CloudWatchAddress.parse(self._url).region
            client = boto3.session.Session(region_name=region).client("cloudwatch", config=patient)
            found = client.describe_alarms(AlarmNames=[*names], AlarmTypes=["MetricAlarm"])
        except NotAnAddress as error:
            raise NotEvaluated(str(error)) from error
        except ClientError as error:
            told = error.response.get("Error", {})
            raise NotEvaluated(f"CloudWatch: {told.get('Code')}: {told.get('Message')}") from error
        except BotoCoreError as error:
            raise NotEvaluated(f"CloudWatch: {error}") from error
        return {
            names[alarm["AlarmName"]]: alarm["StateValue"]
            for alarm in found["MetricAlarms"]
            if alarm["ActionsEnabled"]
        }
