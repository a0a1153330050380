"""Asking a backend past the load balancer, with what that would have done to a request."""

from http.cookiejar import DefaultCookiePolicy

import httpx

from automation.probes.client import synthetic_headers
from automation.specification.models import Flow
from components.contract.release import Artifact


def needs_only(flow: Flow, artifact: Artifact) -> bool:
    """Tell whether all requests of a flow lead to the backend."""
    paths = [step.request.split(" ")[1] for step in flow.steps if step.request]
    route = artifact.route.rstrip("/")
    return all(f"{path.split('?')[0].rstrip('/')}/".startswith(f"{route}/") for path in paths)


def client(artifact: Artifact, url: str, public: str) -> httpx.Client:
    """Make a client that asks a backend at `url` as if by its public host `public`."""
    route = artifact.route.rstrip("/") if artifact.strip_route else ""

    def as_the_load_balancer(request: httpx.Request) -> None:
        path = request.url.path.removeprefix(route) or "/"
        request.url = request.url.copy_with(path=path)
        request.headers["host"] = public
        request.headers["x-forwarded-proto"] = "https"

    client = httpx.Client(
        base_url=url,
        headers=synthetic_headers(),
        timeout=10.0,
        trust_env=False,
        event_hooks={"request": [as_the_load_balancer]},
    )
    # In front of users is TLS: cookies that are for TLS alone are kept and sent here as well.
    client.cookies.jar.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))
    return client
