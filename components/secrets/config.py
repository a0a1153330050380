"""Secrets kept as encrypted values of the stack's own configuration and state."""

from typing import Any, ClassVar

import pulumi

from components.dynamic.secret_values import SecretValues
from components.secrets.base import SecretsArgs


class ConfigSecrets(pulumi.ComponentResource):
    """Given secrets come from `Pulumi.<stack>.yaml`; the others are made once and kept in state."""

    TYPE: ClassVar[str] = "slipway:index:Secrets"
    values: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the secrets."""
        super().__init__(self.TYPE, name, None, opts)
        generated = SecretValues(
            f"{name}-generated", lengths=args.lengths, opts=pulumi.ResourceOptions(parent=self)
        )
        # Of nothing, `Output.all` makes an empty list.
        given: pulumi.Output[dict[str, Any]] = (
            pulumi.Output.all(**args.given) if args.given else pulumi.Output.from_input({})
        )
        self.values = pulumi.Output.secret(
            pulumi.Output.all(generated.values, given).apply(lambda both: {**both[0], **both[1]})
        )
        self.register_outputs({"values": self.values})
