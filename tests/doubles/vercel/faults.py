"""Calls that fail because a test asked for it."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.vercel.model import Json
from tests.doubles.web import HANG_UP, Reply


@dataclass
class Fault:
    """The next `times` calls that match fail: with a status, or without an answer where it is 0.

    With `after` the call is carried out first, and its answer lost.
    """

    method: str
    path: str
    status: int = 500
    times: int = 1
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and bool(re.search(self.path, path))

    def reply(self) -> Reply | None:
        if self.status == 0:
            return HANG_UP
        code = "rate_limited" if self.status == 429 else "internal_server_error"
        return Reply(self.status, error(code, "as it was asked to"), self.headers)


def error(code: str, message: str, **more: Any) -> Json:
    """Return an error as the API tells it."""
    return {"error": {"code": code, "message": message, **more}}
