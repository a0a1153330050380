"""Writes small applications for the inspection's tests."""

import json
from pathlib import Path
from typing import Any

APP = "from fastapi import FastAPI\napp = FastAPI()\n"


def write_files(root: Path, files: dict[str, str | dict[str, Any]]) -> Path:
    """Write files by their path; a mapping becomes JSON."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return root


def package(framework: str, **scripts: str) -> dict[str, Any]:
    """Return a package.json with a framework and a build script."""
    return {"scripts": {"build": "build", **scripts}, "dependencies": {framework: "1"}}
