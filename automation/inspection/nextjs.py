"""What a Next.js application's configuration says about how it is built and started."""

import re
from pathlib import Path
from typing import Any

from automation.inspection.javascript import without_comments
from automation.inspection.tree import files, text

HEALTH = ("healthz", "health", "livez", "live", "ping")


def details(folder: Path, checks: list[str]) -> dict[str, Any]:
    """Return kind, output, health, server and own_api of a Next.js application."""
    config = _config(folder)
    mode = _setting(config, "output")
    routes = _routes(folder)
    base = _setting(config, "basePath") or ""
    health = [one for name in HEALTH for one in routes if one.rsplit("/", 1)[-1] == name]
    found: dict[str, Any] = {
        "health": base + (health[0] if health else "/"),
        "own_api": any(one.startswith("/api/") for one in routes),
    }
    if base:
        checks.append(
            f"Next.js serves under {base} (basePath); the public address has no such path"
        )
    if mode == "export":
        output = _setting(config, "distDir") or "out"
        return found | {"kind": "static", "server": "static files", "output": output}
    return found | {"server": "standalone server" if mode == "standalone" else "`next start`"}


def _config(folder: Path) -> str:
    found = sorted(folder.glob("next.config.*"))
    return without_comments(text(found[0])) if found else ""


def _setting(config: str, name: str) -> str | None:
    match = re.search(rf"\b{name}\s*:\s*['\"`]([^'\"`$]+)['\"`]", config)
    return match[1] if match else None


def _routes(folder: Path) -> list[str]:
    """List the paths that route handlers answer, in the app and in the pages folder."""
    found = []
    for base in (folder / "app", folder / "src/app"):
        for path in files(base, ("route.ts", "route.js", "route.tsx", "route.mjs")):
            parts = path.parent.relative_to(base).parts
            found.append("/" + "/".join(one for one in parts if not one.startswith(("(", "@"))))
    for base in (folder / "pages", folder / "src/pages"):
        for path in files(base / "api", (".ts", ".js", ".tsx")):
            found.append("/" + path.relative_to(base).with_suffix("").as_posix())
    return sorted(found, key=lambda one: (one.count("/"), one))
