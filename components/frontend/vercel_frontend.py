"""The frontend at Vercel: a deployment for each release, and the domain that leads to one.

Vercel keeps what was deployed as it was. So a slot names a release, and traffic goes from one to
another by an alias alone: nothing is built or uploaded again for the way back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pulumiverse_vercel as vercel

from components.contract import references
from components.contract.desired import SLOTS
from components.contract.references import resolve
from components.contract.values import values_for
from components.dynamic.vercel_access import Access
from components.frontend.vercel_content import Content, Revision

BYPASS_HEADER = "x-vercel-protection-bypass"
EMPTY = "0~da39a3ee5e6b4b0d3255bfef95601890afd80709"
"""Size and SHA-1 of nothing."""


@dataclass(frozen=True, kw_only=True)
class VercelFrontendArgs:
    """`project` is its name, `team` an id or slug, empty for the token's own.

    `domain` is the public host name; empty, the frontend has Vercel's own names only. `records`
    make it lead to Vercel; there are none where somebody else does. `values` are those of the
    references in the content's variables, and secret. A `kept` project is protected, and stays.
    """

    project: str
    content: pulumi.Output[Content]
    values: pulumi.Output[dict[str, str]]
    team: str = ""
    region: str = "iad1"
    node_version: str = "24.x"
    domain: str = ""
    records: Sequence[pulumi.Resource] = ()
    kept: bool = False

    def __post_init__(self) -> None:
        if not self.project or len(self.project) > 100 or self.project != self.project.lower():
            raise ValueError(
                f"project: expected 1 to 100 lower-case characters, got {self.project!r}"
            )


class VercelFrontend(pulumi.ComponentResource):
    """A project with its variables and domain, its revisions, and the alias that chooses one.

    `endpoints`, `slot_urls` and `access` are those of a service. `project` is the project's id.
    """

    TYPE: ClassVar[str] = "slipway:frontend:VercelFrontend"

    def __init__(
        self, name: str, args: VercelFrontendArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the frontend."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._provider: pulumi.ProviderResource = vercel.Provider(
            f"{name}-provider", team=args.team or None, opts=pulumi.ResourceOptions(parent=self)
        )
        self._project = self._declare_project()
        self.project = self._project.id
        entrance = Access(
            f"{name}-access",
            project=self.project,
            team=args.team,
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self._project),
        )
        self._domain = self._declare_domain()
        self.access: pulumi.Output[dict[str, str]] = pulumi.Output.secret(
            entrance.secret.apply(lambda secret: {BYPASS_HEADER: secret})
        )
        self.slot_urls: pulumi.Output[dict[str, str]] = args.content.apply(self._declare_content)
        self.endpoints: pulumi.Output[dict[str, list[str]]] = self.slot_urls.apply(
            lambda urls: {slot: [urls[slot]] if slot in urls else [] for slot in SLOTS}
        )
        self.register_outputs({"project": self.project, "slot_urls": self.slot_urls})

    def _inside(self, **more: Any) -> pulumi.ResourceOptions:
        # What a project holds goes with it.
        return pulumi.ResourceOptions(
            parent=self, provider=self._provider, deleted_with=self._project, **more
        )

    def _declare_project(self) -> vercel.Project:
        args = self._args
        return vercel.Project(
            f"{self._name}-project",
            name=args.project,
            framework=args.content.apply(lambda known: known.framework),
            node_version=args.node_version,
            serverless_function_region=args.region,
            # A production deployment serves nobody before the alias says so.
            auto_assign_custom_domains=False,
            # Everything but the domain asks for a login, or for the header of `access`.
            vercel_authentication={"deployment_type": "standard_protection_new"},
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=self._provider,
                protect=args.kept,
                retain_on_delete=args.kept,
            ),
        )

    def _declare_domain(self) -> vercel.ProjectDomain | None:
        if not self._args.domain:
            return None
        return vercel.ProjectDomain(
            f"{self._name}-domain",
            project_id=self.project,
            domain=self._args.domain,
            # An alias is refused before the name leads here. Waited for with the first one, and not
            # by the creation: one that waits in vain is at Vercel and in no state.
            wait_for_ready=self._args.content.apply(lambda known: known.live is not None or None),
            # Whoever asks for a name before its record exists is told for long that there is none.
            opts=self._inside(depends_on=list(self._args.records)),
        )

    def _declare_content(self, known: Content) -> pulumi.Output[dict[str, str]]:
        variables = [self._declare_variable(known, key) for key in sorted(known.variables)]
        made = {
            revision.release: self._declare_revision(revision, variables)
            for revision in known.revisions
        }
        if known.live is not None and self._domain is not None:
            # Updated in place: one call moves the domain, with no moment without a deployment.
            vercel.Alias(
                f"{self._name}-alias",
                alias=self._args.domain,
                deployment_id=made[known.live].id,
                opts=self._inside(depends_on=[self._domain]),
            )
        urls = {slot: made[release].url for slot, release in known.slots.items()}
        found: pulumi.Output[dict[str, str]] = pulumi.Output.all(**urls).apply(_urls)
        return found

    def _declare_variable(self, known: Content, key: str) -> pulumi.Resource:
        template, release = known.variables[key], known.of
        sensitive = references.is_sensitive(template)
        value: pulumi.Output[str] = self._args.values.apply(
            lambda values: resolve(template, values_for(release, values) if release else values)
        )
        made: pulumi.Resource = vercel.ProjectEnvironmentVariable(
            f"{self._name}-variable-{key}",
            project_id=self.project,
            key=key,
            value=value,
            sensitive=sensitive,
            # Previews run what nobody has reviewed yet: they get no secrets.
            targets=["production"] if sensitive else ["production", "preview"],
            # A key that exists already is refused.
            opts=self._inside(delete_before_replace=True),
        )
        return made

    def _declare_revision(
        self, revision: Revision, variables: list[pulumi.Resource]
    ) -> vercel.Deployment:
        return vercel.Deployment(
            f"{self._name}-{revision.release}",
            project_id=self.project,
            production=True,
            files=_files(revision.package, self._provider),
            path_prefix=revision.package,
            meta=dict(revision.meta),
            opts=self._inside(
                depends_on=variables,
                # What was deployed once is never deployed again from other, or without, files.
                ignore_changes=["files", "pathPrefix", "meta", "production"],
            ),
        )


def _files(package: str, provider: pulumi.ProviderResource) -> Any:
    """Return the files by path, as the provider lists them.

    On a machine that has them no more, what stands for them fails only where a deployment is not
    there either: the message then names the folder.
    """
    output = Path(package) / ".vercel" / "output"
    if not output.is_dir():
        return {str(output / "config.json"): EMPTY}
    found = vercel.get_prebuilt_project_output(
        path=package, opts=pulumi.InvokeOutputOptions(provider=provider)
    )
    return found.output


def _urls(hosts: Mapping[str, str]) -> dict[str, str]:
    # Of nothing, `Output.all` makes an empty list.
    return {slot: f"https://{host}" for slot, host in dict(hosts).items()}
