"""Keep the values of secrets out of everything that is written: the last filter at every exit.

A value is known in the forms in which it travels: plain, percent-encoded, in base64 at any
offset, and escaped as JSON, HTML, Markdown or for a shell. Values shorter than six characters
are not registered: replacing them would garble unrelated text, and they are no secrets worth
the name.
"""

import base64
import html
import json
import re
import shlex
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

from automation.reports.markdown import plain

SHORTEST: Final = 6
"""Characters below which a value is not registered."""
PLACEHOLDER: Final = "REDACTED"
"""Has no character that YAML, JSON, HTML, Markdown, a URL or a shell gives a meaning to."""
NOTHING: Final = re.compile(r"(?!)")


class Redactor:
    """Knows the values of secrets and replaces them. May be used from several threads."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern = NOTHING
        self._lock = threading.Lock()

    def register(self, value: str) -> None:
        """Remember a value, each line of it, and the password in it where it is a URL."""
        with self._lock:
            for part in _parts(value):
                self._forms.update(_forms(part))
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            if longest_first:
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def register_all(self, values: Iterable[str]) -> None:
        """Remember several values. Give secrets only: a host name would be replaced as well."""
        for value in values:
            self.register(value)

    def text(self, text: str) -> str:
        """Return the text with every known value replaced."""
        return self._pattern.sub(PLACEHOLDER, text)

    def data(self, data: Any) -> Any:
        """Return plain data with every known value replaced in its texts and keys."""
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, Mapping):
            return {self.data(key): self.data(value) for key, value in data.items()}
        if isinstance(data, list | tuple):
            return [self.data(item) for item in data]
        return data


def _parts(value: str) -> Iterator[str]:
    yield value
    yield value.strip()
    if "\n" in value:
        # A key in PEM is written line by line; its first and last line are no secret.
        yield from (line.strip() for line in value.splitlines() if not line.startswith("-----"))
    password = _password(value)
    if password is not None:
        yield from (password, unquote(password))


def _password(value: str) -> str | None:
    try:
        return urlsplit(value).password if "://" in value else None
    except ValueError:
        return None


def _forms(value: str) -> Iterator[str]:
    if len(value) < SHORTEST:
        return
    escaped = json.dumps(value)[1:-1]
    yield from (value, escaped, json.dumps(value, ensure_ascii=False)[1:-1])
    yield from (quote(value, safe=""), quote(value), quote_plus(value))
    yield from (html.escape(value), html.escape(value, quote=False))
    yield (
        value.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&#34;")
        .replace("'", "&#39;")
    )
    yield shlex.quote(value).removeprefix("'").removesuffix("'")
    yield from (repr(value)[1:-1], plain(value), " ".join(value.split()))
    yield from _base64(value)


def _base64(value: str) -> Iterator[str]:
    """Yield what base64 makes of the value at each offset, without what its neighbours change."""
    raw = value.encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        start = (0, 2, 3)[offset]
        end = len(encoded) - (0, 3, 2)[(offset + len(raw)) % 3]
        inner = encoded[start:end].rstrip("=")
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
