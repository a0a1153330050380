"""What every store of secrets offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    """`lengths` maps the secrets to make to their number of characters; `given` are set already."""

    lengths: pulumi.Output[dict[str, int]]
    given: dict[str, pulumi.Output[str]]


class Secrets(Protocol):
    """`values` maps every secret to its value, and is secret."""

    values: pulumi.Output[dict[str, str]]
