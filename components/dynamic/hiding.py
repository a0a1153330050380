"""Take the values of a program's environment out of what it printed.

The driver's redactor learns secrets from the outputs of an update; of a first one that fails there
are none, and a program that dies may well print its configuration.
"""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote, urlsplit

MARK = "REDACTED"
SHORTEST = 6
"""Characters below which a value stays: replacing it would garble unrelated text."""
OURS = frozenset(
    """HOME HOSTNAME NEXT_TELEMETRY_DISABLED NODE_ENV PATH PYTHONPATH PYTHONUNBUFFERED VIRTUAL_ENV
    """.split()  # noqa: SIM905 (a list of one name a line is no easier to read)
)
"""Variables that hold no secret, and paths that a traceback is unreadable without."""


def hidden(text: str, environment: Mapping[str, str]) -> str:
    """Return the text with the values of an environment replaced, in the forms they travel in."""
    forms = {
        form
        for name, value in environment.items()
        if name not in OURS
        for part in _parts(value)
        if len(part) >= SHORTEST
        for form in (part, json.dumps(part)[1:-1], repr(part)[1:-1], quote(part, safe=""))
    }
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MARK)
    return text


def _parts(value: str) -> Iterator[str]:
    yield value
    yield from (line.strip() for line in value.splitlines())
    try:
        password = urlsplit(value).password
    except ValueError:
        return
    if password:
        yield from (password, unquote(password))
