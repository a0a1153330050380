"""The ASGI application: `uvicorn app.main:app`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import auth, health, metrics, settings, tasks
from app.database import Revisions, make_engine

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    log.info("Started release %s", app.state.settings.release or "unknown")
    yield
    app.state.engine.dispose()
    log.info("Closed the connection pool")


async def database_unavailable(_: Request, problem: Exception) -> JSONResponse:
    log.error("The database did not answer: %s", problem)
    return JSONResponse({"detail": "The database did not answer, try again"}, status_code=503)


def create_app(config: settings.Settings) -> FastAPI:
    logging.basicConfig(level=config.log_level, format="%(levelname)s %(name)s: %(message)s")
    # Each readiness check would otherwise write two lines.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    app = FastAPI(title="Todo", version=config.release or "unknown", lifespan=lifespan)
    app.state.settings = config
    app.state.engine = make_engine(config.database_url)
    app.state.revisions = Revisions()
    metrics.observe_pool(app.state.engine)
    metrics.RELEASE.labels(app.version).set(1)

    for module in (auth, tasks, health, metrics):
        app.include_router(module.router)
    app.add_exception_handler(OperationalError, database_unavailable)
    app.add_exception_handler(PoolTimeout, database_unavailable)
    if config.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(config.cors_origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.add_middleware(metrics.RequestMetrics)
    return app


try:
    app = create_app(settings.load())
except settings.SettingsError as problem:
    # One line instead of a traceback: whoever deploys reads this, not the code.
    raise SystemExit(f"todo backend: {problem}") from None
