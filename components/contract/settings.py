"""The typed configuration of an environment: the keys of `Pulumi.<stack>.yaml`."""

import re
from typing import Literal

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from components.contract.aws_settings import AwsSettings
from components.contract.kubernetes_settings import KubernetesSettings
from components.contract.monitoring_settings import MonitoringSettings
from components.contract.neon_settings import NeonSettings
from components.contract.vercel_settings import VercelSettings

Strategy = Literal["recreate", "rolling", "blue_green", "canary"]
ThinTraffic = Literal["wait", "extend", "stop", "continue"]
Unfinished = Literal["undo", "resume"]
DatabasePolicy = Literal["strict", "balanced", "permissive"]
AUDIENCE = re.compile(r"(header|cookie):[A-Za-z0-9_-]+=[A-Za-z0-9_.-]+")


class Settings(NeonSettings, KubernetesSettings, AwsSettings, VercelSettings, MonitoringSettings):
    """What an environment is. Keys are written in camelCase in the stack's file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    application: str = Field(
        "examples/todo", description="Path of the application, from the project's root."
    )
    strategy: Strategy = Field("blue_green", description="How a new release takes over.")
    frontend_platform: str = Field("local", description="Where the frontend runs.")
    frontend_replicas: int = Field(1, ge=1, le=16, description="Replicas of the frontend.")
    backend_platform: str = Field("local", description="Where the backend runs.")
    backend_replicas: int = Field(2, ge=1, le=16, description="Replicas of the backend.")
    database_platform: str = Field("local", description="Where the database runs.")
    database_policy: DatabasePolicy = Field(
        "balanced", description="Which findings in a migration block; see docs/migrations.md."
    )
    database_lock_seconds: int = Field(
        5, ge=0, le=86_400, description="`balanced`: how long a migration may keep users waiting."
    )
    database_lock_timeout_seconds: int = Field(
        5, ge=1, le=3600, description="How long a migration waits for a lock before it lets go."
    )
    database_lock_retries: int = Field(
        5, ge=0, le=100, description="How often a migration that got no lock is tried again."
    )
    backups_retained: int = Field(
        5, ge=1, le=1000, description="Backups kept at least; those of a way back always are."
    )
    load_balancer_platform: str = Field("local", description="What splits the traffic.")
    secrets_platform: str = Field("config", description="Where given secrets are kept.")
    certificate_platform: str = Field("local", description="Who vouches for the public address.")
    dns_platform: str = Field("none", description="Who is told where the host names lead.")
    monitoring_platform: str = Field("none", description="Who evaluates the alert rules.")
    domain: str = Field(
        "", description="Public host name; empty, `<application>.localhost` on `local`."
    )
    public_port: int = Field(
        0, ge=0, le=65535, description="Public port; 0, a free one is chosen once and kept."
    )
    rolling_surge: int = Field(
        1, ge=0, le=16, description="`rolling`: replicas above the configured number meanwhile."
    )
    rolling_unavailable: int = Field(
        0, ge=0, le=15, description="`rolling`: replicas below the configured number meanwhile."
    )
    canary_steps: tuple[int, ...] = Field(
        (5, 25, 50), description="`canary`: percent of the traffic, rising, before all of it."
    )
    canary_hold_seconds: int = Field(
        15, ge=0, le=86_400, description="`canary`: how long each step is watched at least."
    )
    canary_audience: str = Field(
        "",
        description="`canary`: first users, as `header:NAME=VALUE` or `cookie:NAME=VALUE`.",
    )
    gate_requests: int = Field(
        450, ge=10, le=1_000_000, description="Requests that a slot must have served for a verdict."
    )
    gate_synthetic_requests: int = Field(
        2000, ge=0, le=100_000, description="Requests that a gate may send itself; 0, none."
    )
    gate_thin_traffic: ThinTraffic = Field(
        "extend", description="What follows where the traffic is too thin for a verdict."
    )
    gate_wait_seconds: int = Field(
        600, ge=1, le=86_400, description="How long `wait` waits for traffic before it stops."
    )
    unfinished: Unfinished = Field(
        "undo", description="What the next `up` does with a rollout that was left unfinished."
    )
    health_timeout_seconds: int = Field(
        90,
        ge=1,
        le=3600,
        description="How long every replica may take to become ready; `start_seconds` of the "
        "specification, where that is longer.",
    )
    health_successes: int = Field(
        3, ge=1, le=100, description="Consecutive successes that make a replica ready."
    )
    performance_requests: int = Field(
        200, ge=0, le=100_000, description="Requests of the bounded load after a rollout."
    )
    performance_tolerance_percent: int = Field(
        200, gt=100, description="p95 in percent of the last release's before it is reported."
    )
    retained_artifacts: int = Field(
        5, ge=2, le=100, description="Releases whose artifacts are kept for the way back."
    )
    owner: str = Field(
        "",
        pattern=r"^[A-Za-z0-9]?[A-Za-z0-9._-]{0,62}$",
        description="Who is responsible: on every resource of a cloud as its `owner`. Needed in "
        "`staging` and `production`, unless all platforms are of this machine.",
    )
    rollback_enabled: bool = Field(True, description="Return to the old release on failure.")
    state_backend: str = Field(
        "",
        pattern=r"^((file|s3|gs|azblob|https)://[^\s@]+)?$",
        description="Where the engine's state is, as a URL; empty, in `.slipway/state`.",
    )

    @property
    def backend_host(self) -> str:
        """Return the host name of a load balancer that is not on this machine."""
        return self.backend_domain or (f"api.{self.domain}" if self.domain else "")

    @field_validator("canary_steps")
    @classmethod
    def _rising(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or list(value) != sorted({*value}) or not 1 <= value[0] <= value[-1] <= 99:
            raise ValueError("expected rising percentages from 1 to 99, such as [5, 25, 50]")
        return value

    @field_validator("canary_audience")
    @classmethod
    def _audience(cls, value: str) -> str:
        if value and not AUDIENCE.fullmatch(value):
            raise ValueError("expected header:NAME=VALUE or cookie:NAME=VALUE")
        return value

    def platform(self, concern: str) -> str:
        """Return the name of the platform that is chosen for a concern."""
        return str(getattr(self, f"{concern}_platform"))

    @model_validator(mode="after")
    def _rolling_moves(self) -> "Settings":
        if self.rolling_surge == 0 and self.rolling_unavailable == 0:
            raise ValueError("rollingSurge and rollingUnavailable cannot both be 0")
        return self

    @field_validator("domain")
    @classmethod
    def _plain_host(cls, value: str) -> str:
        if "/" in value or ":" in value:
            raise ValueError("expected a host name such as app.example.com, without scheme or port")
        return value
