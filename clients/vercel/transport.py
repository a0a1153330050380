"""Calls of Vercel's API: what is safe to repeat is repeated, politely, until a deadline.

https://vercel.com/docs/rest-api. A throttled call was not begun; when it may be repeated, its
answer says in `X-RateLimit-Reset`, in seconds since the epoch.
"""

import functools
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from clients.answers import json_object
from clients.vercel.errors import (
    NotFound,
    Refused,
    TokenMissing,
    Unanswered,
    Unreachable,
    VercelError,
)
from clients.waiting import backoff, retry_after

if TYPE_CHECKING:
    import httpx

URL = "https://api.vercel.com"
TOKEN_VARIABLE, URL_VARIABLE = "VERCEL_API_TOKEN", "VERCEL_API_URL"
CALL_SECONDS = 60.0
"""How long one answer may take."""
PATIENCE_SECONDS = 120.0
"""How long a throttled call is repeated."""
ATTEMPTS = 4
"""How often a call is tried that cannot connect, or fails and may be repeated."""
THROTTLED = 429
PAGE = 100

Json = dict[str, Any]


class Api:
    """The API with one token. `team` is an id or a slug, empty for the token's own.

    `now` and `sleep` are those of a clock that never goes backwards, `epoch` tells the time.
    """

    def __init__(
        self,
        token: str,
        url: str = URL,
        *,
        team: str = "",
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        epoch: Callable[[], float] = time.time,
    ) -> None:
        self.now, self.sleep, self.epoch = now, sleep, epoch
        self.url = url.rstrip("/")
        self._team = {"teamId" if team.startswith("team_") else "slug": team} if team else {}
        self._headers = {"authorization": f"Bearer {token}", "accept": "application/json"}

    @classmethod
    def from_environment(cls, **options: Any) -> "Api":
        """Return the API as the environment says. Raise TokenMissing where there is no token."""
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            raise TokenMissing(f"{TOKEN_VARIABLE} is not set")
        if not token.isascii() or any(character.isspace() for character in token):
            raise TokenMissing(f"{TOKEN_VARIABLE} holds characters that no token has")
        return cls(token, os.environ.get(URL_VARIABLE) or URL, **options)

    def get(self, path: str, **query: Any) -> Json:
        """Read something. Raise NotFound where it is not there."""
        return self.call("GET", path, query=query, repeatable=True)

    def pages(self, path: str, key: str, **query: Any) -> Iterator[Json]:
        """Yield the entries of a list, newest first, page by page."""
        until: int | None = None
        while True:
            page = self.get(path, limit=PAGE, until=until, **query)
            yield from page[key]
            following = (page.get("pagination") or {}).get("next")
            if not page[key] or not following or following == until:
                return
            until = following

    def call(
        self,
        method: str,
        path: str,
        body: Json | bytes | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Json:
        """Call, and repeat while throttled. A body of bytes is sent as it is.

        A call that failed in between is repeated only where it is `repeatable`, else Unanswered
        is raised: nobody knows whether the change was made. Raise Refused for any other no.
        """
        import httpx  # the program declares with this module, and calls nobody: it starts quicker

        what = f"{method} {path}"
        deadline, attempt = self.now() + PATIENCE_SECONDS, 0
        while True:
            attempt += 1
            wait: float | None = None
            try:
                answer = self._send(method, path, body, query, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                problem: VercelError = Unreachable(f"{self.url} cannot be reached: {error}")
                again = attempt < ATTEMPTS
            except httpx.TransportError as error:
                problem = Unanswered(f"the answer to {what} was lost: {type(error).__name__}")
                again = repeatable and attempt < ATTEMPTS
            else:
                if answer.is_success:
                    return self._content(what, answer)
                problem, wait = _problem(what, answer), self._asked_to_wait(answer)
                failed = repeatable and answer.status_code >= 500 and attempt < ATTEMPTS
                again = failed or answer.status_code == THROTTLED
            wait = backoff(attempt) if wait is None else wait
            if not again or self.now() + wait > deadline:
                raise problem from None
            self.sleep(wait)

    def _asked_to_wait(self, answer: "httpx.Response") -> float | None:
        told = retry_after(answer.headers)
        reset = answer.headers.get("x-ratelimit-reset", "")
        if told is None and answer.status_code == THROTTLED and reset.isdigit():
            return max(0.0, float(reset) - self.epoch())
        return told

    def _send(
        self,
        method: str,
        path: str,
        body: Json | bytes | None,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> "httpx.Response":
        import httpx

        given = {key: value for key, value in (query or {}).items() if value is not None}
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        try:
            return httpx.request(
                method,
                f"{self.url}{path}",
                params={**self._team, **given},
                headers={**self._headers, **(headers or {})},
                timeout=CALL_SECONDS,
                verify=_authorities(),
                **content,
            )
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Unreachable(f"{self.url} is no address: {error}") from None

    def _content(self, what: str, answer: "httpx.Response") -> Json:
        content = json_object(answer)
        if content is None:
            raise Unreachable(f"what answered {what} at {self.url} is not Vercel's API")
        return content


@functools.cache
def _authorities() -> ssl.SSLContext:
    # Read once: it takes longer than most calls.
    import httpx

    return httpx.create_ssl_context()


def _problem(what: str, answer: "httpx.Response") -> VercelError:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    error = told.get("error") if isinstance(told, dict) else None
    error = error if isinstance(error, dict) else {"message": answer.reason_phrase}
    if answer.status_code >= 500:
        message = str(error.get("message") or answer.reason_phrase)[:300]
        return Unanswered(f"Vercel failed on {what}: {answer.status_code} {message}")
    kind = NotFound if answer.status_code == 404 else Refused
    return kind(what, answer.status_code, error)
