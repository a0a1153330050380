"""Secrets kept as encrypted values of the stack's own configuration and state."""

from typing import Any, ClassVar

import pulumi

from components.contract import secret_versions
from components.dynamic.secret_values import SecretValues
from components.secrets.base import SecretsArgs


class ConfigSecrets(pulumi.ComponentResource):
    """Given secrets come from `Pulumi.<stack>.yaml`; the others are made once and kept in state.

    The state also keeps the values that older releases were given, for the way back.
    """

    TYPE: ClassVar[str] = "slipway:index:Secrets"
    values: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the secrets."""
        super().__init__(self.TYPE, name, None, opts)
        lengths = args.releases.apply(
            lambda releases: {k: v for r in releases.values() for k, v in r.secrets.items()}
        )
        generated = SecretValues(
            f"{name}-generated", lengths=lengths, opts=pulumi.ResourceOptions(parent=self)
        )
        # Of nothing, `Output.all` makes an empty list.
        given: pulumi.Output[dict[str, Any]] = (
            pulumi.Output.all(**args.given) if args.given else pulumi.Output.from_input({})
        )
        known: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
            releases=args.releases, made=generated.values, given=given, kept=args.kept
        )
        self.values = pulumi.Output.secret(known.apply(_values))
        self.register_outputs({"values": self.values})

    def bundle(
        self, name: str, content: pulumi.Output[dict[str, str]], opts: pulumi.ResourceOptions
    ) -> None:
        """Keep nothing: the stack's state has it, encrypted."""


def _values(known: dict[str, Any]) -> dict[str, str]:
    releases = known.pop("releases").values()
    return secret_versions.held(releases, **known)
