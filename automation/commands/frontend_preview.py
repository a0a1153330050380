"""`slipway frontend-preview`: the frontend of a pull request, at Vercel and beside everything."""

from contextlib import ExitStack
from pathlib import Path

from automation import settings as stack_file
from automation.commands.output import Output
from automation.errors import Blocked, DeploymentFailed, InvalidInput
from automation.home import PROJECT, Home
from automation.previewing import built, packaged
from clients.vercel import previews, projects
from clients.vercel.errors import VercelError
from clients.vercel.transport import Api
from components.contract.names import prefix
from components.contract.settings import Settings


def frontend_preview(
    environment: str, pull_request: int, remove: bool, app: Path | None, as_json: bool
) -> int:
    """Deploy or remove the preview, print its URL, and return 0.

    No stack is looked at, and nothing of the environment changes. Raise Blocked, BuildFailed or
    DeploymentFailed.
    """
    out = Output(as_json)
    file = stack_file.load(environment)
    _belongs(file.settings, environment)
    api = _api(file.settings)
    project = file.settings.vercel_project or prefix(file.settings.application, environment)
    try:
        if projects.get(api, project) is None:
            raise Blocked(
                f"Vercel has no project {project}",
                hint=f"It comes with the environment: ./slipway up {environment}",
            )
        if remove:
            count = previews.remove(api, project, pull_request)
            shown = f"pull request {pull_request}: {count} previews removed"
            _tell(out, {"pull_request": pull_request, "removed": count}, shown)
            return 0
        application = (app or PROJECT / file.settings.application).resolve()
        with ExitStack() as holds:
            found = built(environment, application, file, Home.locate(), out.listener, holds)
            folder, digest = packaged(found, file.settings, pull_request)
            made, reused = previews.deploy(
                api, project, pull_request, folder, digest=digest, commit=found.commit
            )
    except VercelError as error:
        raise DeploymentFailed(error.message, hint=error.hint) from error
    url = f"https://{made['url']}"
    known = {"pull_request": pull_request, "url": url, "deployment": made["id"], "reused": reused}
    _tell(out, known, url)
    return 0


def _belongs(settings: Settings, environment: str) -> None:
    if settings.frontend_platform != "vercel":
        raise InvalidInput(
            f"Pulumi.{environment}.yaml: slipway:frontendPlatform is "
            f"{settings.frontend_platform}; there are previews at vercel alone"
        )


def _api(settings: Settings) -> Api:
    try:
        return Api.from_environment(team=settings.vercel_team)
    except VercelError as error:
        raise Blocked(error.message, hint=error.hint) from error


def _tell(out: Output, known: dict[str, object], text: str) -> None:
    if out.as_json:
        out.data(known)
    else:
        out.text(text)
