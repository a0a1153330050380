"""What the fake remembers: one team's projects, deployments, files and names."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
STATES = ("QUEUED", "BUILDING", "READY")


class ApiError(Exception):
    """An answer other than the wanted one."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.told = status, {"code": code, "message": message, **more}


def identity(prefix: str = "") -> str:
    text = base64.b32encode(secrets.token_bytes(15)).decode().lower()
    return f"{prefix}{text}"


@dataclass
class Deployment:
    """`files` are paths and SHA-1s. `looks` counts how often its state was asked for."""

    project: "Project"
    files: dict[str, Json]
    target: str | None
    meta: dict[str, str]
    error: str = ""
    id: str = field(default_factory=lambda: identity("dpl_"))
    created: int = field(default_factory=lambda: int(time.time() * 1000))
    looks: int = 0

    @property
    def url(self) -> str:
        return f"{self.project.name}-{self.id[4:13]}.vercel.app"

    @property
    def state(self) -> str:
        last = "ERROR" if self.error else STATES[-1]
        return (*STATES[:-1], last)[min(max(self.looks, 0), len(STATES) - 1)]

    def json(self) -> Json:
        failed = {"errorCode": "invalid_build_output", "errorMessage": self.error}
        return {
            "id": self.id,
            "uid": self.id,
            "name": self.project.name,
            "projectId": self.project.id,
            "url": self.url,
            "readyState": self.state,
            "state": self.state,
            "target": self.target,
            "meta": self.meta,
            "createdAt": self.created,
            "created": self.created,
            "aliasAssigned": self.state == STATES[-1],
            **(failed if self.state == "ERROR" else {}),
        }


@dataclass
class Project:
    """A project. `serves` is the id of what its production domains lead to."""

    name: str
    settings: Json = field(default_factory=dict)
    id: str = field(default_factory=lambda: identity("prj_"))
    serves: str | None = None
    assigns: bool = False
    """Whether a new production deployment gets the domains by itself."""
    domains: list[str] = field(default_factory=list)
    variables: dict[str, Json] = field(default_factory=dict)
    passes: dict[str, Json] = field(default_factory=dict)

    def json(self) -> Json:
        served = {"production": {"id": self.serves}} if self.serves else {}
        return {
            "id": self.id,
            "name": self.name,
            "accountId": "team_fake",
            "autoAssignCustomDomains": self.assigns,
            "targets": served,
            "protectionBypass": self.passes,
            **self.settings,
        }
