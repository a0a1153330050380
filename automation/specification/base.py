"""The base of every shape in a specification."""

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Refuse unknown keys; never change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")
