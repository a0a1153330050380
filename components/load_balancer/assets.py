"""The file server behind the slots: hashed files of every recorded release. Pure."""

from datetime import datetime
from pathlib import Path
from typing import Any

from components.contract.desired import DesiredState
from components.contract.outputs import RELEASE_HEADER
from components.contract.release import Release

FOREVER = "public, max-age=31536000, immutable"
FAR = 10**12
"""A moment, in seconds since 1970, that no release is made after."""
UNHASHED = [
    {
        "not": [
            {"path": ["*/_next/static/*"]},
            {"path_regexp": {"pattern": r"[.-][A-Za-z0-9_-]{8,}(\.[a-z0-9]+)+$"}},
        ]
    },
    {
        "not": [
            {"path": ["*/_next/static/*"]},
            {"path_regexp": {"pattern": r"[.-]\w*[0-9A-Z]\w*(\.[a-z0-9]+)+$"}},
        ]
    },
]
"""No hash in the name, or only letters where one would be, as in my-fallback.png: not for ever.
Next.js names nothing below `_next/static` that way; other bundlers mix."""


def links(state: DesiredState) -> dict[str, str]:
    """Map a link for each folder of hashed files to that folder: `<release><URL prefix>`.

    Sorted by name, newer releases come first. Artifacts that were removed since are not asked
    about: a link that leads nowhere holds no file.
    """
    return {
        f"{_name(release)}{prefix}": str(Path(release.frontend.path) / folder)
        for release in state.releases.values()
        if release.frontend is not None
        for prefix, folder in release.frontend.assets.items()
    }


def configuration(root: str, port: int) -> dict[str, Any]:
    """Return Caddy's configuration. It is the same for all releases: only links come and go."""
    refused = {"match": [{"not": [{"method": ["GET", "HEAD"]}]}], **_answer(405)}
    server = {
        "listen": [f"127.0.0.1:{port}"],
        "automatic_https": {"disable": True},
        "protocols": ["h1"],
        "routes": [refused, {"match": UNHASHED, **_answer(404)}, _file(root), _answer(404)],
    }
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "apps": {"http": {"servers": {"assets": server}}},
    }


def _name(release: Release) -> str:
    age = FAR - int(datetime.fromisoformat(release.created_at).timestamp())
    return f"{age:012d}@{release.id}"


def _file(root: str) -> dict[str, Any]:
    said = {
        RELEASE_HEADER: ["{http.regexp.link.release}"],
        "Cache-Control": [FOREVER],
    }
    found = {
        "match": [{"path_regexp": {"name": "link", "pattern": r"^/\d+@(?P<release>[^/]+)/"}}],
        "handle": [
            {"handler": "headers", "response": {"set": said, "delete": ["Server"]}},
            {"handler": "file_server", "root": root},
        ],
    }
    return {
        "match": [{"file": {"root": root, "try_files": ["/*{http.request.uri.path}"]}}],
        "handle": [
            {"handler": "rewrite", "uri": "{http.matchers.file.relative}"},
            {"handler": "subroute", "routes": [found]},
        ],
        "terminal": True,
    }


def _answer(status: int) -> dict[str, Any]:
    said = {"Cache-Control": ["no-store"]}
    response = {"handler": "static_response", "status_code": status, "headers": said}
    return {"handle": [response], "terminal": True}
