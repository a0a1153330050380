"""Excerpts for error messages, without passwords, tokens or anything that looks like one."""

import json
import re
import string
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

EXCERPT = 200
"""Characters of a body that an error message shows."""
CONSIDERED = 2000
"""Characters in which secrets are looked for by pattern; what follows is never shown."""
WORD = f"{string.ascii_letters}{string.digits}_+~=-."
"""What a token consists of: one that is cut in two would no longer look like one."""
HIDDEN = "[hidden]"
SHORTEST = 6
"""Extracted values shorter than that are numbers and the like; hiding them garbles the rest."""

SENSITIVE_KEY = re.compile(
    r"token|passw|secret|jwt|session|cookie|authori[sz]ation|credential|api_?key|hash|otp", re.I
)
SENSITIVE_PAIR = re.compile(
    rf"""(["']?[\w-]*(?:{SENSITIVE_KEY.pattern})[\w-]*["']?\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^\s,;&}}<]+)""",
    re.I,
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
OPAQUE = re.compile(r"[A-Za-z0-9_+~=-]{3,}(?:\.[A-Za-z0-9_+~=-]{3,}){2,}|[A-Za-z0-9_+~=-]{24,}")


def redact(text: str, hidden: Iterable[tuple[str, str]] = ()) -> str:
    """Replace known secrets by their names, and whatever looks like a secret by `[hidden]`."""
    for secret, name in sorted(hidden, key=lambda pair: -len(pair[0])):
        if len(secret) >= SHORTEST:
            for written in {secret, quote(secret, safe=""), quote_plus(secret), _in_json(secret)}:
                text = text.replace(written, name)
    text = SENSITIVE_PAIR.sub(lambda found: f"{found.group(1)}{HIDDEN}", _beginning(text))
    return OPAQUE.sub(lambda found: _opaque(found.group()), text)


def excerpt(body: str, hidden: Iterable[tuple[str, str]] = ()) -> str:
    """Return the redacted beginning of a body, on one line; at most EXCERPT characters."""
    # Redacted before it is cut: half a token is still a token.
    shown = " ".join(redact(_masked(body), hidden).split())
    return shown if len(shown) <= EXCERPT else f"{shown[: EXCERPT - 1]}…"


def _beginning(text: str) -> str:
    if len(text) <= CONSIDERED:
        return text
    return text[:CONSIDERED].rstrip(WORD)


def _masked(body: str) -> str:
    try:
        parsed = json.loads(body)
    except ValueError:
        return body
    return json.dumps(_mask(parsed), ensure_ascii=False)


def _mask(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: HIDDEN
            if SENSITIVE_KEY.search(key) and isinstance(item, str | int | float)
            else _mask(item)
            for key, item in value.items()
        }
    return [_mask(item) for item in value] if isinstance(value, list) else value


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _opaque(found: str) -> str:
    plain = UUID.fullmatch(found) or not any(character.isdigit() for character in found)
    return found if plain else HIDDEN
