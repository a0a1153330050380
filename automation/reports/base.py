"""The base of every section of the report, and the words that several sections share."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Environment = Literal["development", "staging", "production"]
Outcome = Literal[
    "deployed", "unchanged", "blocked", "aborted", "rolled_back", "failed", "interrupted"
]
CheckStatus = Literal["passed", "failed", "skipped"]
Health = Literal["healthy", "unhealthy", "degraded"]
DeploymentStatus = Literal["success", "failed", "in_progress", "rolled_back"]


class Section(BaseModel):
    """Refuse unknown fields and never change.

    No field has a default: every field is in every report. A value that does not apply, or
    that was not observed, is null, and the report's `details` hold the reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
