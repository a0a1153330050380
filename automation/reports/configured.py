"""What a release is configured with, as the documents show it: never the value of a secret."""

from dataclasses import dataclass
from typing import Literal

from automation.reports.observed import Service


@dataclass(frozen=True, kw_only=True)
class VariableFact:
    """A variable of a service. `value` is None where it holds a secret; then see `reference`."""

    name: str
    service: Service
    value: str | None
    reference: str


@dataclass(frozen=True, kw_only=True)
class SecretFact:
    """A secret by name: `reference` says where it is kept, `source` who made it."""

    name: str
    reference: str
    source: Literal["generated", "given", "provided"]


@dataclass(frozen=True, kw_only=True)
class ConfigurationFact:
    """What the release is configured with; `file` is the path of `.env.<environment>`."""

    variables: tuple[VariableFact, ...]
    secrets: tuple[SecretFact, ...]
    file: str | None
