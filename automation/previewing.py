"""What a pull request's preview is made of: the frontend alone, built for its environment."""

import hashlib
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from automation import address, versioning
from automation.builds.build import build
from automation.builds.store import Store
from automation.errors import InvalidInput
from automation.events import Listener
from automation.home import Home
from automation.packaging import pack, vercel
from automation.reservation import Reservations
from automation.settings import StackFile
from automation.specification.loader import load
from automation.steps.build import with_overrides
from automation.toolchain import cache
from automation.validation import configuration
from components.contract.release import Artifact
from components.contract.settings import Settings
from components.contract.values import public_values

DIGITS = 12


@dataclass(frozen=True)
class Built:
    """A built frontend, the commit it is of, and the route of the backend that it asks."""

    artifact: Artifact
    commit: str | None
    route: str


def built(
    environment: str,
    application: Path,
    file: StackFile,
    home: Home,
    listener: Listener,
    holds: ExitStack,
) -> Built:
    """Return the frontend of an application, built where it changed. Raise BuildFailed.

    It is not pruned by a deployment before `holds` ends.
    """
    found = load(application)
    if wrong := configuration.overrides(environment, found, file):
        raise InvalidInput("references are wrong", details=tuple(wrong))
    found = with_overrides(found, file.variables)
    if found.frontend is None:
        raise InvalidInput(f"{application}: the specification declares no frontend")
    reservations = Reservations(cache.root() / "ports", home.environment(environment))
    where = address.choose(found.name, file.settings, None, reservations)
    route = found.backend.route if found.backend else ""
    version, commit = versioning.version(application, found), versioning.commit(application)
    result = build(
        "frontend",
        found,
        application,
        {
            **public_values(environment, where, route or "/"),
            "release.version": version,
            "release.commit": commit or "",
        },
        version,
        commit,
        Store(home.artifacts, holds=holds),
        progress=lambda text: listener.progress("build", text),
        cancelled=threading.Event(),
        vercel=pack.hosting("frontend", file.settings),
    )
    return Built(result.artifact, commit, route)


def packaged(found: Built, settings: Settings, pull_request: int) -> tuple[Path, str]:
    """Return the folder to deploy, and what stands for its content.

    A preview asks the environment's own backend, through its own address.
    """
    origin = f"https://{settings.backend_host}" if found.route else ""
    content = "\n".join((found.artifact.checksum, origin, found.route))
    digest = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
    name = f"pull-request-{pull_request}"
    return vercel.package(found.artifact, name, vercel.Routing(origin, found.route)), digest
