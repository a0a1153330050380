"""References: `${...}` in a variable or command, standing for a value that Slipway provides."""

import difflib
import re
from collections.abc import Iterable, Mapping

PATTERN = re.compile(r"\$\{([^}]*)\}")

PROVIDED: Mapping[str, str] = {
    "environment": "name of the environment",
    "public.url": "public base URL of the application, without a trailing slash",
    "public.host": "host of the public URL",
    "public.port": "port of the public URL",
    "frontend.url": "public URL of the frontend",
    "backend.url": "public URL of the backend, its route included",
    "backend.internal_url": "URL under which the frontend's server reaches the backend",
    "database.url": "connection URL, scheme postgresql://",
    "database.host": "host of the database",
    "database.port": "port of the database",
    "database.name": "name of the database",
    "database.user": "role that the application connects as",
    "database.password": "password of that role",
    "release.id": "id of the release",
    "release.version": "version of the release",
    "release.commit": "commit that the release was built from, or the empty string",
    "port": "port that this replica listens on",
}
"""Every reference that needs no declaration; `secret.NAME` names a declared secret."""

BUILD_TIME = frozenset(
    {
        "environment",
        "public.url",
        "public.host",
        "public.port",
        "frontend.url",
        "backend.url",
        "release.version",
        "release.commit",
    }
)
"""References that may be baked into a build: public, and known before anything is provisioned."""

SENSITIVE = frozenset({"database.url", "database.password"})
"""References whose values are secrets; so is every `secret.NAME`."""


class UnknownReference(ValueError):
    """A reference that nothing provides."""


def names(template: str) -> list[str]:
    """List the references of a template, in order."""
    return [match.strip() for match in PATTERN.findall(template)]


def is_sensitive(template: str) -> bool:
    """Tell whether the resolved template holds a secret."""
    return any(name in SENSITIVE or name.startswith("secret.") for name in names(template))


def check(template: str, secrets: Iterable[str]) -> None:
    """Raise UnknownReference, naming the nearest known one, unless every reference is provided."""
    known = [*PROVIDED, *(f"secret.{name}" for name in secrets)]
    for name in names(template):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean ${{{near[0]}}}?" if near else f"; known: {', '.join(known)}"
            raise UnknownReference(f"unknown reference ${{{name}}}{hint}")


def resolve(template: str, values: Mapping[str, str]) -> str:
    """Replace every reference by its value. Raise UnknownReference for one without a value."""

    def value(match: "re.Match[str]") -> str:
        name = match.group(1).strip()
        if name not in values:
            raise UnknownReference(f"no value for ${{{name}}} here")
        return values[name]

    return PATTERN.sub(value, template)
