"""Keys that say where numbers come from and who is told."""

from pydantic import Field

from components.contract.base import Contract
from components.contract.statistics import USUAL_DELAY_SECONDS

LABELS = r"^([A-Za-z0-9./_-]+=[A-Za-z0-9._-]*(,[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*)*)?$"


class MonitoringSettings(Contract):
    """What is asked of monitoring."""

    prometheus_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="`prometheus`: base URL of its API, as the driver reaches it.",
    )
    prometheus_labels: str = Field(
        "",
        pattern=LABELS,
        description="`prometheus`: labels that the operator selects by, such as `release=stack`.",
    )
    cloudwatch_delay_seconds: int = Field(
        USUAL_DELAY_SECONDS,
        ge=0,
        le=900,
        description="`cloudwatch`: how long after a minute its numbers are complete.",
    )
    notification_email: str = Field(
        "", description="Who is told of alerts by mail; empty, nobody is."
    )
    slack_workspace: str = Field(
        "",
        pattern=r"^(T[A-Z0-9]+)?$",
        description="`cloudwatch`: id of the Slack workspace that AWS is let into.",
    )
    slack_channel: str = Field(
        "",
        pattern=r"^([A-Z][A-Z0-9]+)?$",
        description="`cloudwatch`: id of the channel that is told of alerts; empty, none is.",
    )
    log_retention_days: int = Field(
        30, ge=1, le=3653, description="`cloudwatch`: how long logs of pods and nodes are kept."
    )
