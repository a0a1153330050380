"""Pack what was built into what its platform takes; what runs on this machine stays as it is."""

import threading
from dataclasses import replace

from automation.builds.build import BuildResult
from automation.packaging import image, vercel
from automation.packaging.image import Wanted
from automation.specification.models import Specification
from automation.toolchain.cache import Progress
from components.contract.platforms import BACKENDS
from components.contract.release import Release, ServiceName
from components.contract.settings import Settings


def packed(
    service: ServiceName,
    built: BuildResult,
    specification: Specification,
    settings: Settings,
    environment: str,
    *,
    progress: Progress,
    cancelled: threading.Event,
) -> BuildResult:
    """Return the build with what its platform needs of it, made only where it changed.

    Raise InvalidInput, naming the key, for what is not configured, and BuildFailed.
    """
    if service == "backend" and BACKENDS[settings.backend_platform].remote:
        assert specification.backend is not None
        made = image.build(
            built.artifact,
            specification.backend,
            Wanted(
                repository=settings.backend_image_repository,
                base=settings.backend_base_image,
                architecture=settings.backend_architecture,
            ),
            f"Pulumi.{environment}.yaml",
            log=built.log,
            progress=progress,
            cancelled=cancelled,
        )
        artifact = built.artifact.model_copy(update={"image": made.reference})
        return replace(
            built,
            artifact=artifact,
            reused=built.reused and made.reused,
            notes=(*built.notes, *made.notes),
        )
    return built


def hosting(service: ServiceName, settings: Settings) -> str | None:
    """Return the Node.js of a frontend's functions at Vercel, None where it runs elsewhere."""
    at_vercel = service == "frontend" and settings.frontend_platform == "vercel"
    return settings.vercel_node_version if at_vercel else None


def named(release: Release, settings: Settings) -> Release:
    """Return the release with what can be packed only now that it has its id.

    Raise BuildFailed where the artifact is not on this machine.
    """
    if release.frontend is None or settings.frontend_platform != "vercel":
        return release
    route = release.backend.route if release.backend else ""
    routing = vercel.Routing(
        origin=f"https://{settings.backend_host}" if route else "", route=route
    )
    folder = vercel.package(release.frontend, release.id, routing)
    frontend = release.frontend.model_copy(update={"package": str(folder)})
    return release.model_copy(update={"frontend": frontend})
