"""The secret with which automation gets past the login in front of a project's deployments.

The maintained provider has a resource for it whose id holds the secret: it would be readable in
the stack's state and in all that the engine prints. Here only the output has it, as a secret.
"""

import secrets
from typing import Any

import pulumi
from pulumi import dynamic
from pulumi.runtime import rpc

from clients.vercel import projects
from clients.vercel.errors import NotFound
from clients.vercel.transport import Api
from components.secrets.derived import ALPHABET

LENGTH = 32
"""Letters and digits, so many: what Vercel takes, and no less."""
NOTE = "slipway"
"""By which a secret is found again whose answer was lost."""


class AccessProvider(dynamic.ResourceProvider):
    """Makes a secret that Vercel accepts, or uses the one that was made before."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Let the secret in."""
        api, project = _api(props), props["project"]
        known = projects.passes(projects.get(api, project) or {}).get(NOTE)
        secret = known or "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if known is None:
            projects.let_in(api, project, secret, NOTE)
        return dynamic.CreateResult(f"{project}/{NOTE}", {**props, "secret": secret})

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Another project, or another team, has another secret."""
        differs = [key for key in ("project", "team") if old.get(key) != new.get(key)]
        replaces = [key for key in differs if new.get(key) != rpc.UNKNOWN]
        return dynamic.DiffResult(changes=bool(differs), replaces=replaces)

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Keep the secret: what was unknown in a preview turned out to be the same."""
        return dynamic.UpdateResult({**new, "secret": old["secret"]})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See whether the secret is still let in; one that is not is gone."""
        project = projects.get(_api(props), props["project"])
        if props["secret"] not in projects.passes(project or {}).values():
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, props)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Let the secret in no more; with its project it is gone already."""
        try:
            projects.shut_out(_api(props), props["project"], props["secret"])
        except NotFound:
            return


def _api(props: dict[str, Any]) -> Api:
    return Api.from_environment(team=props.get("team") or "")


class Access(dynamic.Resource, module="vercel", name="Access"):
    """Entrance to a project's deployments; `secret` is secret."""

    secret: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        project: pulumi.Input[str],
        team: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the entrance to a project, by its id."""
        secret = pulumi.ResourceOptions(additional_secret_outputs=["secret"])
        super().__init__(
            AccessProvider(),
            name,
            {"project": project, "team": team, "secret": None},
            pulumi.ResourceOptions.merge(opts, secret),
        )
