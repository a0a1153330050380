from pathlib import Path

import pytest

from automation.toolchain.aws_command import findings
from components.contract.names import ENVIRONMENTS
from tests.doubles.world import aws_command


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of which only production has a cluster at AWS; PATH leads to its `bin` alone."""
    for environment in ENVIRONMENTS:
        (tmp_path / f"Pulumi.{environment}.yaml").write_text("config: {}\n")
    text = "config:\n  slipway:backendPlatform: aws_eks\n"
    (tmp_path / "Pulumi.production.yaml").write_text(text)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_it_is_not_asked_for_where_no_environment_has_such_a_cluster(project: Path) -> None:
    (project / "Pulumi.production.yaml").write_text("config: {}\n")

    assert findings(project) == []


def test_where_it_is_missing_the_environments_that_need_it_are_named(project: Path) -> None:
    (found,) = findings(project)

    assert (found.name, found.status) == ("aws", "note")
    assert str(found.hint).startswith("production cannot be deployed without it")


def test_where_it_is_there_its_version_is_shown(project: Path) -> None:
    at = aws_command.install(project / "bin")

    (found,) = findings(project)

    assert (found.status, found.version, found.path) == ("ok", "2.34.0", str(at))


def test_one_that_does_not_run_is_told_of(project: Path) -> None:
    at = aws_command.install(project / "bin")
    at.write_text("#!/bin/sh\nexit 1\n")

    (found,) = findings(project)

    assert (found.status, found.path) == ("note", str(at))
    assert "does not run here" in str(found.hint)
