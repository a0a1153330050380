import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from automation.builds.build import BuildResult, build
from automation.builds.store import Store
from automation.specification.models import Backend, Frontend, Specification


@pytest.fixture
def app(tmp_path) -> Path:
    """An application: a static page and a backend that installs nothing."""
    root = tmp_path / "app"
    for name, content in {
        "web/index.html": "<h1>hello</h1>",
        "web/assets/index-Bd3a1b2c.js": "console.log(1)",
        "web/assets/my-fallback.png": "not really",
        "api/main.py": "async def app(scope, receive, send): ...",
        "api/templates/broken.py": "def :",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "home" / "artifacts", needed_bytes=1)


@pytest.fixture
def built(app, store) -> Callable[..., BuildResult]:
    """Build `frontend` or `backend` as declared; values and the rest have usable defaults."""

    def run(declared: Frontend | Backend, **options) -> BuildResult:
        service = "frontend" if isinstance(declared, Frontend) else "backend"
        return build(
            service,
            Specification(name="app", **{service: declared}),
            options.get("app", app),
            options.get("values", {"public.url": "https://app.localhost:8443"}),
            "1.0.0",
            None,
            options.get("store", store),
            progress=options.get("progress", lambda _line: None),
            cancelled=options.get("cancelled", threading.Event()),
        )

    return run
