"""Finds values that look like credentials in an application's files. Never returns a value."""

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from automation.inspection.findings import Sighting
from automation.inspection.tree import shown, text

__all__ = ["Sighting", "scan"]

FILES = (
    ".env", ".env.*", "*.env", "env.*", ".envrc",
    "docker-compose*.y*ml", "compose*.y*ml",
)  # fmt: skip
SKIPPED = frozenset({"node_modules", ".venv", "venv", ".git", ".next", "__pycache__"})
LINE = re.compile(
    r"^\s*(?:-\s+)?[\"']?(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)[\"']?\s*[=:]\s*(?P<value>.*?)\s*$"
)
NAME = re.compile(
    r"(?i)(secret|passw|passphrase|pwd$|token$|credential|private_?key|api_?key|access_?key"
    r"|auth_?key|signing_?key|encryption_?key|_key$|salt$|_pass$)"
)
URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^:/@\s]*:(?P<password>[^@/\s]+)@", re.IGNORECASE)
KNOWN = re.compile(
    r"^(sk_(live|test)_|rk_live_|sk-[A-Za-z0-9]|gh[pousr]_|github_pat_|AKIA[0-9A-Z]{12}|xox[abprs]-"
    r"|AIza|SG\.|glpat-|npm_|eyJ[A-Za-z0-9_-]+\.|-----BEGIN)"
)
PLACEHOLDER = re.compile(
    r"(?i)^(<.*>|\$.*|\{\{.*\}\}|\[.*\]|x+|\*+|\.+|-+|todo|none|null|true|false|example.*|dummy.*|"
    r"change.*|replace.*|your.*|my[-_].*|insert.*|set[-_ ].*|some[-_ ].*|put[-_ ].*|enter.*|secret"
    r"|password|token|user|key|\d{1,5})$"
)


def scan(app: Path) -> list[Sighting]:
    """List where environment and compose files hold what looks like a credential."""
    return [
        Sighting(shown(app, path), number, name)
        for path in _candidates(app)
        for number, name in _lines(text(path))
    ]


def _candidates(app: Path) -> Iterator[Path]:
    for parent, children, names in os.walk(app):
        children[:] = sorted(one for one in children if one not in SKIPPED)
        for name in sorted(names):
            if any(fnmatch(name, pattern) for pattern in FILES):
                yield Path(parent, name)


def _lines(content: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(content.splitlines(), start=1):
        match = None if line.lstrip().startswith("#") else LINE.match(line)
        if match is not None and _is_credential(match["name"], _bare(match["value"])):
            yield number, match["name"]


def _bare(value: str) -> str:
    if value[:1] in ("'", '"'):
        return value[1:].partition(value[0])[0]
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()


def _is_credential(name: str, value: str) -> bool:
    url = URL.match(value)
    if url is not None:
        return PLACEHOLDER.match(url["password"]) is None
    if not value or PLACEHOLDER.match(value):
        return False
    return bool(KNOWN.match(value) or (NAME.search(name) and not value.startswith("/")))
