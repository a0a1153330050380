"""What is there of a thing that Slipway needs."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "note", "missing", "old"]
"""`note` is worth knowing, and in nobody's way."""


@dataclass(frozen=True)
class Finding:
    """One thing that Slipway needs: what is there of it, and what to do where it is not."""

    name: str
    status: Status
    version: str | None = None
    path: str | None = None
    hint: str | None = None
