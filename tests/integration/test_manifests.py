"""`slipway manifests` as a person runs it."""

from pathlib import Path

import pytest

from tests.integration.driver import Slipway

pytestmark = pytest.mark.integration


@pytest.fixture
def slipway(tmp_path: Path) -> Slipway:
    return Slipway(tmp_path)


def test_manifests_of_an_environment_that_was_never_deployed_are_written_for_every_tool(
    slipway: Slipway,
) -> None:
    folder = slipway.folder / "deploy"

    found = slipway("manifests", "staging", "-o", folder, "--json").ok().json

    assert found["environment"] == "staging"
    assert set(found["files"]) == {"kubernetes", "compose", "terraform", "pipeline"}
    for files in found["files"].values():
        assert files
        assert all((folder / file).stat().st_size for file in files)


def test_an_environment_of_this_machine_has_nothing_for_a_cluster(slipway: Slipway) -> None:
    folder = slipway.folder / "deploy"

    ran = slipway("manifests", "development", "-o", folder, "--format", "kubernetes").ok(3)

    assert "development declares nothing that kubernetes could run" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not folder.exists()
