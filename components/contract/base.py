"""The base of every shape in the contract."""

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """Validate on construction, refuse unknown keys, and never change afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")
