"""Where alarms are sent: encrypted SNS topics, and who listens to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.cluster import iam
from components.physical_names import within

NAME_LIMIT = 128
CLOUDWATCH, CHATBOT = "cloudwatch.amazonaws.com", "chatbot.amazonaws.com"
READ_ONLY = "CloudWatchReadOnlyAccess"
PAGERDUTY_URL = "https://events.pagerduty.com/integration/{key}/enqueue"
"""https://support.pagerduty.com/main/docs/aws-cloudwatch-integration-guide"""
KEY_WAITS_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """Who is told: by mail; by a channel of a Slack workspace that AWS was let into; by PagerDuty,
    whose integration key is part of an address and secret."""

    email: str = ""
    slack_workspace: str = ""
    slack_channel: str = ""
    pagerduty: pulumi.Output[str] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a channel without a workspace, or the other way round."""
        if bool(self.slack_workspace) != bool(self.slack_channel):
            raise ValueError("slipway:slackWorkspace and slipway:slackChannel go together")

    @property
    def channels(self) -> list[str]:
        """Return the names of the channels."""
        known = {"email": self.email, "slack": self.slack_channel, "pagerduty": self.pagerduty}
        return [name for name, given in known.items() if given]


class Topics:
    """A topic for everything, and one for what somebody is woken up for.

    `ready` are the resources without which an alarm is not let through.
    """

    def __init__(
        self,
        name: str,
        prefix: str,
        tags: Mapping[str, str],
        listeners: Listeners,
        opts: pulumi.ResourceOptions,
    ) -> None:
        self._name, self._prefix, self._tags, self._opts = name, prefix, dict(tags), opts
        key = self._key()
        self.every = self._topic("alerts", key)
        self.urgent = self._topic("urgent", key)
        self.ready = [
            aws.kms.KeyPolicy(
                f"{name}-key-policy",
                key_id=key.key_id,
                policy=self.every.owner.apply(key_policy),
                opts=opts,
            ),
            *(self._policy(noun, topic) for noun, topic in self._named().items()),
        ]
        self._listen(listeners)

    def of(self, severity: str) -> list[pulumi.Output[str]]:
        """Return the topics of a severity."""
        urgent = severity in ("critical", "high")
        return [self.every.arn, *([self.urgent.arn] if urgent else [])]

    def _named(self) -> dict[str, aws.sns.Topic]:
        return {"alerts": self.every, "urgent": self.urgent}

    def _key(self) -> aws.kms.Key:
        # With the key that AWS manages for SNS, alarms would not be let through.
        return aws.kms.Key(
            f"{self._name}-key",
            description=f"Alerts of {self._prefix}",
            enable_key_rotation=True,
            deletion_window_in_days=KEY_WAITS_DAYS,
            tags=self._tags,
            opts=self._opts,
        )

    def _topic(self, noun: str, key: aws.kms.Key) -> aws.sns.Topic:
        return aws.sns.Topic(
            f"{self._name}-{noun}",
            name=within(NAME_LIMIT, f"{self._prefix}-{noun}"),
            kms_master_key_id=key.arn,
            tags=self._tags,
            opts=self._opts,
        )

    def _policy(self, noun: str, topic: aws.sns.Topic) -> aws.sns.TopicPolicy:
        return aws.sns.TopicPolicy(
            f"{self._name}-{noun}-policy",
            arn=topic.arn,
            policy=pulumi.Output.all(topic.arn, topic.owner).apply(lambda k: topic_policy(*k)),
            opts=self._opts,
        )

    def _listen(self, listeners: Listeners) -> None:
        if listeners.email:
            self._subscribe("email", self.every, "email", listeners.email)
        if listeners.pagerduty is not None:
            address = listeners.pagerduty.apply(lambda key: PAGERDUTY_URL.format(key=key))
            endpoint: pulumi.Output[str] = pulumi.Output.secret(address)
            confirmed = {"endpoint_auto_confirms": True}
            self._subscribe("pagerduty", self.urgent, "https", endpoint, **confirmed)
        if listeners.slack_channel:
            self._slack(listeners)

    def _subscribe(
        self,
        noun: str,
        topic: aws.sns.Topic,
        protocol: str,
        endpoint: pulumi.Input[str],
        **more: Any,
    ) -> None:
        aws.sns.TopicSubscription(
            f"{self._name}-{noun}",
            topic=topic.arn,
            protocol=protocol,
            endpoint=endpoint,
            opts=self._opts,
            **more,
        )

    def _slack(self, listeners: Listeners) -> None:
        role, _ = iam.role(
            f"{self._name}-slack-role", iam.trust(CHATBOT), (READ_ONLY,), self._tags, self._opts
        )
        aws.chatbot.SlackChannelConfiguration(
            f"{self._name}-slack",
            configuration_name=within(NAME_LIMIT, f"{self._prefix}-alerts"),
            iam_role_arn=role.arn,
            # Without one, people in the channel might do whatever an administrator may.
            guardrail_policy_arns=[f"arn:aws:iam::aws:policy/{READ_ONLY}"],
            slack_team_id=listeners.slack_workspace,
            slack_channel_id=listeners.slack_channel,
            sns_topic_arns=[self.every.arn],
            tags=self._tags,
            opts=self._opts,
        )


def key_policy(account: str) -> str:
    """Return who may use the key: the account, by its own policies, and its alarms."""
    owner = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    used = _of_alarms(account, "*", "kms:Decrypt", "kms:GenerateDataKey*")
    return json.dumps({"Version": iam.VERSION, "Statement": [owner, used]})


def topic_policy(arn: str, account: str) -> str:
    """Return who may publish: the account's alarms. Nobody does without TLS."""
    plain = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    statements = [_of_alarms(account, arn, "sns:Publish"), plain]
    return json.dumps({"Version": iam.VERSION, "Statement": statements})


def _of_alarms(account: str, resource: str, *actions: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": CLOUDWATCH},
        "Action": [*actions],
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
