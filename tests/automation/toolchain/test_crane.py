from pathlib import Path

import pytest

from automation.toolchain.crane import findings
from components.contract.names import ENVIRONMENTS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of which staging runs in a cluster; there is nothing on PATH, or in the cache."""
    for environment in ENVIRONMENTS:
        (tmp_path / f"Pulumi.{environment}.yaml").write_text("config: {}\n")
    text = "config:\n  slipway:backendPlatform: kubernetes\n"
    (tmp_path / "Pulumi.staging.yaml").write_text(text)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_it_is_not_asked_for_where_no_backend_runs_from_an_image(project: Path) -> None:
    (project / "Pulumi.staging.yaml").write_text("config: {}\n")

    assert findings(project) == []


def test_where_it_is_missing_it_is_said_who_makes_it(project: Path) -> None:
    (found,) = findings(project)

    assert (found.name, found.status) == ("crane", "note")
    assert found.hint == "The next `./slipway up staging` builds it, once."


def test_where_it_is_there_its_version_is_shown(project: Path) -> None:
    at = project / "bin" / "crane"
    at.write_text("#!/bin/sh\necho 0.22.1\n")
    at.chmod(0o755)

    (found,) = findings(project)

    assert (found.status, found.version, found.path) == ("ok", "0.22.1", str(at))
