import json
import os
import threading
from pathlib import Path

import pytest

from automation.errors import BuildFailed, Interrupted, InvalidInput
from automation.specification.models import Backend, Frontend
from components.contract.release import Artifact

PAGES = Frontend(path="web", kind="static", output=".")
API = Backend(path="api", application="main:app", install="true", start="python main.py")


def tool(app: Path, script: str) -> Frontend:
    """Give the page a package.json whose build runs a script; nothing is installed."""
    (app / "web" / "package.json").write_text(json.dumps({"scripts": {"build": script}}))
    return Frontend(path="web", kind="static", install="true", output=".")


def listing(artifact: Artifact) -> set[str]:
    root = Path(artifact.path)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_the_same_sources_are_built_once(built):
    first, second = built(PAGES), built(PAGES)

    assert (first.reused, second.reused) == (False, True)
    assert second.artifact == first.artifact


def test_a_change_of_one_service_leaves_the_other_as_it_was(app, built):
    page, api = built(PAGES), built(API)
    (app / "api" / "main.py").write_text("changed = True")

    assert built(PAGES).reused
    changed = built(API)
    assert not changed.reused
    assert changed.artifact.path != api.artifact.path
    assert Path(api.artifact.path).exists()
    assert Path(page.artifact.path).exists()


def test_what_only_matters_at_run_time_does_not_build_again(built):
    built(PAGES)
    changed = PAGES.model_copy(update={"health": "/other", "start_seconds": 7})

    again = built(changed)

    assert again.reused
    assert (again.artifact.health_path, again.artifact.start_seconds) == ("/other", 7)


def test_public_values_reach_the_build_and_secret_ones_wait_for_run_time(app, built):
    declared = tool(app, "printenv > index.html").model_copy(
        update={"variables": {"SITE": "${public.url}/x", "DB": "${database.url}", "MODE": "a"}}
    )

    known = {"public.url": "https://app.localhost:8443", "database.url": "postgresql://"}
    result = built(declared, values=known)

    page = (Path(result.artifact.path) / "site" / "index.html").read_text()
    assert "SITE=https://app.localhost:8443/x" in page
    assert "MODE=a" in page
    assert "NODE_ENV=production" in page
    assert "DB=" not in page
    assert result.artifact.variables["DB"] == "${database.url}"


def test_a_public_value_that_changed_builds_again(app, built):
    declared = PAGES.model_copy(update={"variables": {"SITE": "${public.url}"}})
    built(declared)

    assert not built(declared, values={"public.url": "https://other.example"}).reused


def test_a_variable_for_the_browser_that_is_not_known_in_time_is_pointed_out(built):
    declared = PAGES.model_copy(update={"variables": {"VITE_DB": "${database.host}"}})

    assert any("VITE_DB" in note for note in built(declared).notes)


def test_a_build_that_fails_shows_the_end_of_its_log_and_leaves_nothing(app, built, store):
    declared = tool(app, "seq 1 40; echo broken >&2; exit 3")

    with pytest.raises(BuildFailed) as failed:
        built(declared)

    assert "broken" in failed.value.details
    assert len(failed.value.details) == 15
    log = next((store.root / "logs").iterdir())
    assert str(log) in failed.value.message
    assert "broken" in log.read_text()
    assert list(store.root.glob("frontend-*")) == []


def test_a_tool_that_finds_the_disk_full_is_reported_as_that(app, built):
    with pytest.raises(BuildFailed, match="the disk is full"):
        built(tool(app, "echo 'ENOSPC: no space left on device'; exit 1"))


def test_a_file_that_cannot_be_read_is_named_and_nothing_is_left(app, built, store):
    key = app / "api" / "secret.key"
    key.touch(mode=0o000)
    if os.access(key, os.R_OK):
        pytest.skip("who may read everything, as root, sees no difference")

    with pytest.raises(BuildFailed, match=r"backend: .*secret\.key cannot be read") as failed:
        built(API)

    assert "`exclude`" in failed.value.hint
    assert list(store.root.glob("backend-*")) == []


@pytest.mark.parametrize("content", ["[]", '{"scripts": null}', '{"scripts": ["build"]}'])
def test_a_package_file_of_another_shape_is_no_defect(app, built, content):
    (app / "web" / "package.json").write_text(content)
    page = Frontend(path="web", kind="nextjs", install="true", build="exit 3")

    with pytest.raises(BuildFailed):
        built(page)


def test_a_cancelled_build_leaves_nothing(app, built, store):
    cancelled = threading.Event()
    cancelled.set()

    with pytest.raises(Interrupted):
        built(tool(app, "sleep 600"), cancelled=cancelled)

    assert list(store.root.glob("frontend-*")) == []


def test_environment_files_are_not_in_the_artifact_but_in_the_log(app, built):
    (app / "api" / ".env").write_text("PASSWORD=sentinel")

    result = built(API)

    assert not any(".env" in name for name in listing(result.artifact))
    assert ".env is not copied" in result.log.read_text()
    assert "sentinel" not in result.log.read_text()


def test_metadata_tells_what_was_built_when_and_with_what(built):
    result = built(API)

    metadata = json.loads((Path(result.artifact.path) / "metadata.json").read_text())
    assert metadata["digest"] == result.artifact.digest
    assert metadata["version"] == "1.0.0"
    assert metadata["tools"]["python"].startswith("3.")
    assert metadata["built_at"].endswith("+00:00")


def test_two_builds_of_the_same_at_the_same_time_are_one(built):
    results = []
    threads = [threading.Thread(target=lambda: results.append(built(API))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({result.artifact.path for result in results}) == 1
    assert len({result.artifact.checksum for result in results}) == 1


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        (Frontend(path="nowhere"), "frontend.path"),
        (Frontend(path="../.."), "frontend.path"),
        (Frontend(path="web", workspace="api"), "frontend.workspace"),
        (API.model_copy(update={"path": "nowhere"}), "backend.path"),
        (API.model_copy(update={"requirements": "no.txt"}), "backend.requirements"),
    ],
)
def test_a_path_that_leads_nowhere_is_named_with_its_key(built, declared, named):
    with pytest.raises(InvalidInput, match=named):
        built(declared)
