"""Secrets that are made once and kept, encrypted, in the stack's state."""

import secrets
from typing import Any

import pulumi
from pulumi import dynamic
from pulumi.runtime import rpc

from components.secrets.derived import ALPHABET


class SecretValuesProvider(dynamic.ResourceProvider):
    """Keeps a mapping of names to random values; names may be added later, none is made twice."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make a value for each name."""
        return dynamic.CreateResult("secret-values", self._with_values(props, {}))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Only a name that has no value yet is a change."""
        if new["lengths"] == rpc.UNKNOWN:
            return dynamic.DiffResult(changes=True)
        missing = set(new["lengths"]) - set(old.get("values") or {})
        return dynamic.DiffResult(changes=bool(missing))

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Make what is missing; values of names no longer wanted stay for the way back."""
        return dynamic.UpdateResult(self._with_values(new, old.get("values") or {}))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Return what is known: the state is where these values live."""
        return dynamic.ReadResult(id_, props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Nothing outside the state."""

    def _with_values(self, props: dict[str, Any], kept: dict[str, str]) -> dict[str, Any]:
        made = {
            name: "".join(secrets.choice(ALPHABET) for _ in range(int(length)))
            for name, length in props["lengths"].items()
            if name not in kept
        }
        return {"lengths": props["lengths"], "values": {**kept, **made}}


class SecretValues(dynamic.Resource, module="local", name="SecretValues"):
    """Random values by name; `values` is secret."""

    values: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, *, lengths: pulumi.Input[dict[str, int]], opts: pulumi.ResourceOptions
    ) -> None:
        """Declare the names and the number of characters of each."""
        secret = pulumi.ResourceOptions(additional_secret_outputs=["values"])
        super().__init__(
            SecretValuesProvider(),
            name,
            {"lengths": lengths, "values": None},
            pulumi.ResourceOptions.merge(opts, secret),
        )
