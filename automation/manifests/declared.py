"""The resources that the program declares for an environment, with nothing made of them."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automation import processes
from automation.engine import care
from automation.errors import InvalidInput
from automation.home import PROJECT
from components.contract.desired import DesiredState, SlotName
from components.contract.settings import Settings

TIMEOUT_SECONDS = 600
SECRET = "$secret"
"""Stands for the value of a secret, which is never there; it lists the names inside, if any."""
NOWHERE = "/slipway/not-here"
"""Stands for the folder of what is uploaded; nothing is there that could be listed."""
UPLOADED = ("vercel:index/deployment:Deployment", "vercel:index/alias:Alias")
"""Types that no other tool can make, as they are of a release's files: the pipeline does that."""


@dataclass(frozen=True)
class Resource:
    """A resource by its name and the engine's token of its type.

    `inputs` are as the provider gets them, with references for what only a cloud knows (see
    `references`) and `SECRET` for secrets. `provider` is the name of the resource that is its
    provider, empty for a default one.
    """

    name: str
    type: str
    inputs: dict[str, Any]
    depends_on: tuple[str, ...] = ()
    provider: str = ""
    protect: bool = False


@dataclass(frozen=True)
class Lookup:
    """A question to a cloud, by its token."""

    name: str
    token: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """Everything of an environment, in the order in which it was declared.

    `live` is the slot of the backend that has most of the traffic.
    """

    environment: str
    settings: Settings
    resources: tuple[Resource, ...]
    lookups: tuple[Lookup, ...] = field(default=())
    live: SlotName | None = None

    def of_package(self, package: str) -> list[Resource]:
        """List the resources of a provider, such as `kubernetes`."""
        return [each for each in self.resources if each.type.startswith(f"{package}:")]

    def by_name(self) -> Mapping[str, Resource]:
        """Return the resources by their names."""
        return {each.name: each for each in self.resources}


def declared(
    environment: str, settings: Settings, state: DesiredState, given: Iterable[str]
) -> Plan:
    """Run the program without an engine. Raise InvalidInput, in its words, where it refuses."""
    if not care.remote(settings):
        # processes of this machine are nothing to other tools
        return Plan(environment, settings, ())
    request = {
        "environment": environment,
        "settings": settings.model_dump(mode="json"),
        "state": _without_files(state).model_dump(mode="json"),
        "given": sorted(given),
    }
    answer = _asked(environment, request)
    found = (
        {**each, "depends_on": tuple(each["depends_on"])}
        for each in answer["resources"]
        if each["type"] not in UPLOADED
    )
    return Plan(
        environment,
        settings,
        tuple(Resource(**each) for each in found),
        tuple(Lookup(**each) for each in answer["lookups"]),
        state.backend.live(),
    )


def _asked(environment: str, request: Mapping[str, Any]) -> dict[str, Any]:
    # In a process of its own: the driver knows nothing of components but the contract.
    done = subprocess.run(
        [sys.executable, "-m", "components.rendered"],
        input=json.dumps(request),
        cwd=PROJECT,
        env=processes.environment({"PYTHONPATH": str(PROJECT)}),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise InvalidInput(
            f"the program refuses to declare {environment}: {said[-1]}",
            hint=f"Correct Pulumi.{environment}.yaml; `slipway validate {environment}` says more.",
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _without_files(state: DesiredState) -> DesiredState:
    """Return the state with nothing that could be uploaded."""
    releases = {
        id_: release.model_copy(
            update={"frontend": release.frontend.model_copy(update={"package": NOWHERE})}
        )
        if release.frontend and release.frontend.package
        else release
        for id_, release in state.releases.items()
    }
    return state.model_copy(update={"releases": releases})
