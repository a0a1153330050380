from pathlib import Path

import pytest

from automation.engine import plugins as wanted
from automation.toolchain.plugins import findings
from components.contract.names import ENVIRONMENTS
from tests.doubles.plugins.fixture import Plugins


@pytest.fixture
def project(tmp_path) -> Path:
    """A project of which only production has anything at AWS."""
    for environment in ENVIRONMENTS:
        (tmp_path / f"Pulumi.{environment}.yaml").write_text("config: {}\n")
    text = "config:\n  slipway:dnsPlatform: aws_route53\n"
    (tmp_path / "Pulumi.production.yaml").write_text(text)
    return tmp_path


def test_environments_of_this_machine_need_no_plugin(project):
    (project / "Pulumi.production.yaml").write_text("config: {}\n")

    assert findings(project) == []


def test_a_plugin_that_is_not_here_is_worth_knowing_and_in_nobodys_way(project):
    (found,) = findings(project)

    assert (found.name, found.status) == ("plugin aws", "note")
    assert found.version == wanted.wanted("aws").version
    assert "./slipway up production" in str(found.hint)


def test_one_on_the_path_is_shown_with_its_path(project, tmp_path, monkeypatch):
    doubles = Plugins.at(tmp_path / "cloud")
    for name, value in doubles.environment({}).items():
        monkeypatch.setenv(name, value)

    (found,) = findings(project)

    assert (found.status, Path(str(found.path)).name) == ("ok", "pulumi-resource-aws")


def test_a_file_that_is_not_valid_is_left_to_the_commands_that_need_it(project):
    (project / "Pulumi.production.yaml").write_text("config: [")

    assert findings(project) == []
