"""Prometheus metrics: requests per route, and the connection pool."""

from time import perf_counter

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import POOL_CAPACITY

REQUESTS = Counter("http_requests", "Requests answered", ["method", "route", "status"])
DURATION = Histogram(
    "http_request_duration_seconds",
    "Time until the answer was sent",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CHECKED_OUT = Gauge("db_pool_checked_out", "Database connections in use")
CAPACITY = Gauge("db_pool_capacity", "Database connections that the pool may open")
RELEASE = Gauge("app_release_info", "The release that runs", ["release"])

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def observe_pool(engine: Engine) -> None:
    CAPACITY.set(POOL_CAPACITY)
    CHECKED_OUT.set_function(engine.pool.checkedout)


class RequestMetrics:
    """Count and time each request under its route's template, never its raw path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        started = perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            # A path without a route would make a new time series for each typo.
            route = getattr(scope.get("route"), "path", "unknown")
            DURATION.labels(scope["method"], route).observe(perf_counter() - started)
            REQUESTS.labels(scope["method"], route, status).inc()
