"""Clients for synthetic requests: marked as such, and able to reach `*.localhost` names."""

import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from automation.version import version
from components.contract.outputs import PROBE_HEADER

LOOPBACK = "127.0.0.1"
REQUEST_SECONDS = 10.0


class PinnedTransport(httpx.HTTPTransport):
    """Connects to one address whatever the URL's host; TLS name and `Host` stay the URL's."""

    def __init__(self, address: str, *, verify: ssl.SSLContext, http2: bool) -> None:
        super().__init__(verify=verify, http2=http2)
        self.address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the address."""
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=self.address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        return super().handle_request(pinned)


def synthetic_headers() -> dict[str, str]:
    """Return the headers that mark a request as Slipway's own."""
    return {PROBE_HEADER: "1", "user-agent": f"slipway/{version()}"}


def public_client(
    base_url: str,
    ca_path: str | Path | None = None,
    *,
    resolve_to: str | None = None,
    http2: bool = False,
    timeout: float = REQUEST_SECONDS,
    cookies: bool = True,
) -> httpx.Client:
    """Make a client for the public address. Redirects are not followed, nothing is retried.

    `ca_path` is the certificate of the authority to trust, None for the system's. `resolve_to`
    is the address to connect to; unset, names ending in `.localhost` are this machine and all
    others are looked up. `timeout`, in seconds, is for each of connecting, writing and reading.
    With `http2` the client belongs to a single thread. Without `cookies` it keeps none: each of
    its requests is a stranger's, which no release has a claim on.
    """
    # httpcore's connections are not thread-safe in HTTP/2: a client that threads share reports
    # disconnections that never happened (encode/httpx issue 3324; seen with httpcore 1.0.9).
    trusted = ssl.create_default_context(cafile=None if ca_path is None else str(ca_path))
    address = resolve_to or _loopback_of(urlsplit(base_url).hostname or "")
    return httpx.Client(
        base_url=base_url,
        headers=synthetic_headers(),
        cookies=None if cookies else CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=timeout,
        verify=trusted,
        http2=http2,
        # Without a transport of our own httpx honours a proxy, which a remote address may need.
        transport=PinnedTransport(address, verify=trusted, http2=http2) if address else None,
    )


def direct_client(*, timeout: float = 5.0) -> httpx.Client:
    """Make a client that asks replicas themselves, past the load balancer and any proxy."""
    return httpx.Client(
        headers=synthetic_headers(), timeout=timeout, trust_env=False, verify=_system_trust()
    )


@cache
def _system_trust() -> ssl.SSLContext:
    # Reading the authorities takes longer than asking a replica.
    return httpx.create_ssl_context(trust_env=False)


def _loopback_of(host: str) -> str | None:
    if host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK
    return host if host in (LOOPBACK, "::1") else None
