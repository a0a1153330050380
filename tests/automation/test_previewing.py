from contextlib import ExitStack
from pathlib import Path

from automation import settings
from automation.builds.store import METADATA, Store
from automation.events import Silent
from automation.home import Home
from automation.previewing import Built, built

SPECIFICATION = """\
---
kind: deployment
name: shop
version: 1.0.0
frontend:
  kind: static
  path: web
  output: .
---
"""


def build(folder: Path, holds: ExitStack) -> Built:
    files = {"specs/app.md": SPECIFICATION, "web/index.html": "<h1>hello</h1>"}
    for name, content in files.items():
        (folder / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "app" / name).write_text(content)
    file = settings.load("staging")
    return built("staging", folder / "app", file, Home(folder), Silent(), holds)


def test_a_deployment_beside_it_prunes_the_built_frontend_only_when_it_is_done(tmp_path):
    store = Store(Home(tmp_path).artifacts)

    with ExitStack() as holds:
        artifact = Path(build(tmp_path, holds).artifact.path)
        assert store.prune(list) == []
        assert (artifact / METADATA).is_file()

    assert store.prune(list) == [artifact.name]
