"""The compute of a Neon branch: between which sizes it scales, and when it sleeps."""

from typing import Any

import pulumi
from pulumi import dynamic

from clients.neon import endpoints
from components.dynamic import neon

FIXED = ("project", "branch")
SIZES = ("minimum_compute_units", "maximum_compute_units", "suspend_seconds")
NAMES = ("autoscaling_limit_min_cu", "autoscaling_limit_max_cu", "suspend_timeout_seconds")
"""What the API calls SIZES."""


class EndpointProvider(dynamic.ResourceProvider):
    """Makes the read-write endpoint of a branch, or adopts the one that it has."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the endpoint, or change the one that is there."""
        api, wanted = neon.api(), _settings(props)
        endpoint, made = endpoints.ensure(api, props["project"], props["branch"], wanted)
        if not made and any(endpoint.get(key) != value for key, value in wanted.items()):
            endpoints.update(api, props["project"], endpoint["id"], wanted)
        return dynamic.CreateResult(endpoint["id"], props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Sizes change in place; an endpoint stays with its branch."""
        changes = bool(neon.changed(old, new, (*FIXED, *SIZES)))
        replaces = neon.moved(old, new, FIXED)
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, id_: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Change the sizes; Neon restarts nothing for that."""
        endpoints.update(neon.api(), new["project"], id_, _settings(new))
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See the sizes that hold; an endpoint that is not there is gone."""
        found = endpoints.get(neon.api(), props["project"], id_)
        if found is None:
            return dynamic.ReadResult("", {})
        sizes = {ours: found[theirs] for ours, theirs in zip(SIZES, NAMES, strict=True)}
        return dynamic.ReadResult(id_, {**props, **sizes})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the endpoint: its connections end, the data stays."""
        endpoints.delete(neon.api(), props["project"], id_)


def _settings(props: dict[str, Any]) -> dict[str, Any]:
    sizes = {theirs: props[ours] for ours, theirs in zip(SIZES, NAMES, strict=True)}
    # The engine carries numbers as floating point.
    return {**sizes, "suspend_timeout_seconds": int(props["suspend_seconds"])}


class Endpoint(dynamic.Resource, module="neon", name="Endpoint"):
    """A compute endpoint. Its id is the one that Neon gave it."""

    def __init__(
        self,
        name: str,
        *,
        project: pulumi.Input[str],
        branch: pulumi.Input[str],
        sizes: dict[str, float],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the endpoint of a branch; `sizes` holds every one of SIZES."""
        inputs = {"project": project, "branch": branch, **sizes}
        once = pulumi.ResourceOptions(delete_before_replace=True)
        super().__init__(EndpointProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, once))
