"""Finds the environment variables that JavaScript and TypeScript sources read."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from automation.inspection.findings import Reading
from automation.inspection.tree import files, shown, text

SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte", ".astro")
READ = re.compile(
    r"(?:process\.env|import\.meta\.env)"
    r"(?:\??\.(?P<name>[A-Z_][A-Z0-9_]*)|\[\s*['\"](?P<quoted>[A-Z_][A-Z0-9_]*)['\"]\s*\])"
    r"(?P<after>\s*(?:\?\?|\|\|))?"
)
UNPACKED = re.compile(r"\{(?P<names>[^{}]*)\}\s*=\s*(?:process|import\.meta)\.env\b")
COMMENT = re.compile(r"/\*.*?\*/|(?<![:'\"`\w])//[^\n]*", re.DOTALL)
BUILT_IN = re.compile(
    r"^(NODE_ENV|MODE|DEV|PROD|SSR|BASE_URL|CI|PORT|HOST|HOSTNAME|ANALYZE|TZ|DEBUG|NEXT_RUNTIME"
    r"|NEXT_PHASE|NEXT_TELEMETRY_DISABLED|__.*|npm_.*|VERCEL.*|NETLIFY.*|TAURI_.*|PLAYWRIGHT_.*)$"
)
SERVER_PATH = re.compile(r"[`'\"}]/api/")


def readings(app: Path, roots: Iterable[Path]) -> tuple[Reading, ...]:
    """List the variables that the sources below some folders read, each once."""
    found: dict[str, Reading] = {}
    for root in roots:
        for path in files(root, SUFFIXES):
            for name, line, has_default in _in(without_comments(text(path))):
                known = found.get(name)
                # One place that cannot do without a value makes the variable required.
                if known is None or (known.has_default and not has_default):
                    source = f"{shown(app, path)}:{line}"
                    found[name] = Reading(name=name, source=source, has_default=has_default)
    return tuple(found[name] for name in sorted(found))


def writes_server_paths(roots: Iterable[Path]) -> bool:
    """Tell whether the sources themselves write paths that begin with /api/."""
    return any(
        SERVER_PATH.search(without_comments(text(path)))
        for root in roots
        for path in files(root, SUFFIXES)
        if "vite.config" not in path.name and "next.config" not in path.name
    )


def without_comments(source: str) -> str:
    """Blank out comments and keep the line numbers."""
    return COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source)


def _in(source: str) -> Iterator[tuple[str, int, bool]]:
    for match in READ.finditer(source):
        name = match["name"] or match["quoted"]
        if not BUILT_IN.match(name):
            yield name, _line(source, match.start()), match["after"] is not None
    for match in UNPACKED.finditer(source):
        for part in match["names"].split(","):
            name, equals, _ = part.partition("=")
            plain = name.partition(":")[0].strip()
            if re.fullmatch(r"[A-Z_][A-Z0-9_]*", plain) and not BUILT_IN.match(plain):
                yield plain, _line(source, match.start()), bool(equals)


def _line(source: str, offset: int) -> int:
    return source.count("\n", 0, offset) + 1
