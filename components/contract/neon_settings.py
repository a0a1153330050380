"""Keys of an environment whose database is at Neon."""

from pydantic import Field, model_validator

from components.contract.base import Contract


class NeonSettings(Contract):
    """What is asked of Neon. Limits are those of its API, version 2 (read 2026-11)."""

    neon_project: str = Field(
        "",
        max_length=256,
        description="`neon`: name of the project; empty, one of its own. An existing one is used.",
    )
    neon_organization: str = Field(
        "",
        pattern=r"^[a-z0-9-]{0,60}$",
        description="`neon`: id of the organization; a key of an organization needs none.",
    )
    neon_region: str = Field(
        "aws-us-east-1",
        pattern=r"^[a-z]+-[a-z0-9-]+$",
        description="`neon`: region of the project; another one is another project.",
    )
    neon_postgres_version: int = Field(
        18, ge=14, le=18, description="`neon`: PostgreSQL's version; another is another project."
    )
    neon_history_retention_seconds: int = Field(
        86_400,
        ge=0,
        le=2_592_000,
        description="`neon`: how far back in time the database can be restored to any moment.",
    )
    neon_minimum_compute_units: float = Field(
        0.25, ge=0.25, le=56, description="`neon`: smallest size that the compute scales to."
    )
    neon_maximum_compute_units: float = Field(
        1, ge=0.25, le=56, description="`neon`: largest size that the compute scales to."
    )
    neon_suspend_seconds: int = Field(
        300,
        ge=-1,
        le=604_800,
        description="`neon`: idle time after which the compute sleeps; -1, never.",
    )

    @model_validator(mode="after")
    def _sizes(self) -> "NeonSettings":
        if self.neon_minimum_compute_units > self.neon_maximum_compute_units:
            raise ValueError("neonMinimumComputeUnits is above neonMaximumComputeUnits")
        if 0 < self.neon_suspend_seconds < 60:
            raise ValueError("neonSuspendSeconds: expected 60 to 604800, 0 (Neon's 300) or -1")
        return self
