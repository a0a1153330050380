"""The typed configuration of an environment: the keys of `Pulumi.<stack>.yaml`."""

from typing import Literal

from pydantic import ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from components.contract.base import Contract

Strategy = Literal["recreate", "blue_green"]


class Settings(Contract):
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
    load_balancer_platform: str = Field("local", description="What splits the traffic.")
    secrets_platform: str = Field("config", description="Where given secrets are kept.")
    domain: str = Field(
        "", description="Public host name; empty, `<application>.localhost` on `local`."
    )
    public_port: int = Field(
        0, ge=0, le=65535, description="Public port; 0, a free one is chosen once and kept."
    )
    health_timeout_seconds: int = Field(
        90, ge=1, le=3600, description="How long every replica may take to become ready."
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
    rollback_enabled: bool = Field(True, description="Return to the old release on failure.")

    @field_validator("domain")
    @classmethod
    def _plain_host(cls, value: str) -> str:
        if "/" in value or ":" in value:
            raise ValueError("expected a host name such as app.example.com, without scheme or port")
        return value
