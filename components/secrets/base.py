"""What every store of secrets offers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pulumi

from components.contract.release import Release
from components.foundation import Foundation


def _nothing() -> pulumi.Output[dict[str, str]]:
    return pulumi.Output.from_input({})


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    """`given` are set by the operator; what else the recorded `releases` need is made.

    `kept` is what the stack remembers of `Secrets.values`: versions that a release names stay.
    """

    foundation: Foundation
    releases: pulumi.Output[Mapping[str, Release]]
    given: dict[str, pulumi.Output[str]]
    kept: pulumi.Output[dict[str, str]] = field(default_factory=_nothing)


class Secrets(Protocol):
    """`values` maps every secret to its value, and versions' keys to theirs; it is secret."""

    values: pulumi.Output[dict[str, str]]

    def bundle(
        self, name: str, content: pulumi.Output[dict[str, str]], opts: pulumi.ResourceOptions
    ) -> pulumi.Output[str] | None:
        """Keep the secret variables of one slot in the store; return what refers to them there.

        None where the store is the stack's own state: the platform then keeps a copy itself.
        """
