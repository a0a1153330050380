"""One request and its answer, within one deadline and one size."""

import json
from dataclasses import dataclass

import httpx

from automation.polling import Clock
from automation.probes.client import REQUEST_SECONDS

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a body that are read; what comes after is of no use to a check."""


class NoAnswer(ConnectionError):
    """The request got no complete answer; the message says why, without the request's data."""


@dataclass(frozen=True)
class Answer:
    """What came back. `body` holds at most BODY_LIMIT bytes."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as UTF-8, with replacements where it is something else."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> object:
        """Return the parsed body. Raise ValueError where it is not JSON."""
        parsed: object = json.loads(self.body)
        return parsed


def exchange(
    client: httpx.Client,
    request: httpx.Request,
    *,
    clock: Clock,
    seconds: float = REQUEST_SECONDS,
) -> Answer:
    """Send a request and read its answer. Raise NoAnswer for a failure or a passed deadline.

    The client's own timeout bounds each read, `seconds` all of them together.
    """
    deadline = clock.time() + seconds
    body = bytearray()
    response: httpx.Response | None = None
    try:
        response = client.send(request, stream=True)
        for chunk in response.iter_bytes():
            body += chunk
            if clock.time() > deadline:
                raise NoAnswer(f"timed out: the answer took longer than {seconds:g} s")
            if len(body) >= BODY_LIMIT:
                break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswer(describe(error)) from error
    finally:
        if response is not None:
            response.close()
    return Answer(response.status_code, response.headers, bytes(body[:BODY_LIMIT]))


def describe(error: Exception) -> str:
    """Say in a few words why a request failed, without its URL."""
    text = str(error)
    if isinstance(error, httpx.TimeoutException):
        return f"timed out ({type(error).__name__.removesuffix('Timeout').lower()})"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"the certificate does not verify: {text.rpartition('failed: ')[2]}"
    if "refused" in text:
        return "connection refused"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
