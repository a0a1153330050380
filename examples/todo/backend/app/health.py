"""Is the process alive, and can it do its work? Also under /api, for those outside."""

import logging

from fastapi import APIRouter, Request, Response, status
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.database import Revisions

log = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


@router.get("/health")
@router.get("/api/health", include_in_schema=False)
async def health(request: Request) -> dict[str, str | None]:
    """Answer without a database and without a worker thread."""
    return {"status": "ok", "release": request.app.state.settings.release}


@router.get("/ready")
@router.get("/api/ready", include_in_schema=False)
def ready(request: Request, response: Response) -> dict[str, str | None]:
    state = request.app.state
    is_ready, revision, detail = check(state.engine, state.revisions)
    if not is_ready:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return {
        "status": "ready" if is_ready else "not ready",
        "release": state.settings.release,
        "revision": revision,
        "expected_revision": state.revisions.expected,
        "detail": detail,
    }


def check(engine: Engine, revisions: Revisions) -> tuple[bool, str | None, str]:
    """Compare the database with this code: the verdict, its revision, and why."""
    try:
        current = revisions.current(engine)
    except SQLAlchemyError as problem:
        # The driver's message can hold host and user, so it goes to the log only.
        log.warning("The readiness check could not read the revision: %s", problem)
        return False, None, "the database cannot be reached or its revision cannot be read"
    if not current:
        return False, None, "the database is at no revision"
    revision = ", ".join(sorted(current))
    if current == revisions.heads:
        return True, revision, "the database is at the expected revision"
    if current - revisions.known:
        # A newer release has migrated first. Its changes are made to suit this one too.
        return True, revision, "the database is at a revision newer than this release knows"
    return False, revision, "the database is at an older revision"
