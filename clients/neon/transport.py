"""Calls of Neon's API: what is safe to repeat is repeated, politely, until a deadline."""

import functools
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from clients.answers import json_object
from clients.neon.errors import KeyMissing, NotFound, Refused, Unanswered, Unreachable
from clients.waiting import backoff, retry_after

if TYPE_CHECKING:
    import httpx

URL = "https://console.neon.tech/api/v2"
KEY_VARIABLE, URL_VARIABLE = "NEON_API_KEY", "NEON_API_URL"
CALL_SECONDS = 30.0
"""How long one answer may take."""
PATIENCE_SECONDS = 300.0
"""How long a locked or throttled call is repeated."""
ATTEMPTS = 4
"""How often a call is tried that cannot connect, or fails and may be repeated."""
PAGE = 100
NOT_YET = frozenset({423, 429, 503})
"""Refused before anything was done, so always safe to repeat: Neon's own rule for 423 and 503."""

Json = dict[str, Any]


class Api:
    """The API with one key. `now` and `sleep` are those of a clock that never goes backwards."""

    def __init__(
        self,
        key: str,
        url: str = URL,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.now, self.sleep, self.patience = now, sleep, patience
        # One client would keep connections open: calls are few, and waits between them long.
        self.url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {key}", "accept": "application/json"}

    @classmethod
    def from_environment(cls, **options: Any) -> "Api":
        """Return the API as the environment says. Raise KeyMissing where there is no key."""
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if not key:
            raise KeyMissing(f"{KEY_VARIABLE} is not set")
        if not key.isascii() or any(character.isspace() for character in key):
            raise KeyMissing(f"{KEY_VARIABLE} holds characters that no key has")
        return cls(key, os.environ.get(URL_VARIABLE) or URL, **options)

    def get(self, path: str, **query: Any) -> Json:
        """Read something. Raise NotFound where it is not there."""
        return self.call("GET", path, query=query, repeatable=True)

    def pages(self, path: str, key: str, **query: Any) -> Iterator[Json]:
        """Yield the entries of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=PAGE, **cursor, **query)
            yield from page[key]
            following = (page.get("pagination") or {}).get("cursor") or (
                page.get("pagination") or {}
            ).get("next")
            if not page[key] or not following or following == cursor.get("cursor"):
                return
            cursor = {"cursor": following}

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        repeatable: bool = False,
    ) -> Json:
        """Call, and repeat while the answer is "not yet".

        A call that failed in between is repeated only where it is `repeatable`, else Unanswered
        is raised: nobody knows whether the change was made. Raise Refused for any other no.
        """
        import httpx  # the program declares with this module, and calls nobody: it starts quicker

        what = f"{method} {path}"
        deadline, attempt = self.now() + self.patience, 0
        while True:
            attempt += 1
            try:
                answer = self._send(method, path, body, query)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                problem: Exception = Unreachable(f"{self.url} cannot be reached: {error}")
                again, wait = attempt < ATTEMPTS, None
            except httpx.TransportError as error:
                problem = Unanswered(f"the answer to {what} was lost: {type(error).__name__}")
                again, wait = repeatable and attempt < ATTEMPTS, None
            else:
                if answer.is_success:
                    return self._content(what, answer)
                problem, wait = _problem(what, answer), retry_after(answer.headers)
                held = answer.status_code in NOT_YET
                again = held or (repeatable and answer.status_code >= 500 and attempt < ATTEMPTS)
            wait = backoff(attempt) if wait is None else wait
            if not again or self.now() + wait > deadline:
                raise problem from None
            self.sleep(wait)

    def _send(
        self, method: str, path: str, body: Json | None, query: Mapping[str, Any] | None
    ) -> "httpx.Response":
        import httpx

        given = {key: value for key, value in (query or {}).items() if value is not None}
        try:
            return httpx.request(
                method,
                f"{self.url}{path}",
                json=body,
                params=given,
                headers=self._headers,
                timeout=CALL_SECONDS,
                verify=_authorities(),
            )
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Unreachable(f"{self.url} is no address: {error}") from None

    def _content(self, what: str, answer: "httpx.Response") -> Json:
        content = json_object(answer)
        if content is None:
            raise Unreachable(f"what answered {what} at {self.url} is not Neon's API")
        return content


@functools.cache
def _authorities() -> ssl.SSLContext:
    # Read once: it takes longer than most calls.
    import httpx

    return httpx.create_ssl_context()


def _problem(what: str, answer: "httpx.Response") -> Exception:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    message = str(told.get("message") or answer.reason_phrase)[:300]
    if answer.status_code >= 500 and answer.status_code not in NOT_YET:
        return Unanswered(f"Neon failed on {what}: {answer.status_code} {message}")
    kind = NotFound if answer.status_code == 404 else Refused
    request = str(told.get("request_id") or "")
    return kind(what, answer.status_code, str(told.get("code") or ""), message, request)
