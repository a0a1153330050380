"""Keys that say where numbers come from and who is told."""

from pydantic import Field

from components.contract.base import Contract


class MonitoringSettings(Contract):
    """What is asked of monitoring."""

    prometheus_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="`prometheus`: base URL of its API, as the driver reaches it.",
    )
    notification_email: str = Field(
        "", description="Who is told of alerts by mail; empty, nobody is."
    )
    log_retention_days: int = Field(30, ge=1, le=3653, description="How long logs are kept.")
