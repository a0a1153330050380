import json
import subprocess
import sys
from pathlib import Path

import pytest

from automation.engine import plugins
from automation.engine.environment import EngineEnvironment
from automation.errors import Blocked, ToolMissing
from automation.home import PROJECT, Home
from components.contract.platforms import REGISTRIES
from components.contract.settings import Settings
from tests.doubles.pulumi import fake_pulumi

CLOUD = Settings(dns_platform="aws_route53", frontend_platform="vercel")
INSTALLS = """echo "$*" >> {folder}/asked
case "$*" in
*ls*) cat {folder}/listed;;
esac"""


@pytest.fixture
def environment(tmp_path, monkeypatch) -> EngineEnvironment:
    """An engine without plugins that installs each that is asked for, and writes it down."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (tmp_path / "listed").write_text("[]")
    (tmp_path / "asked").write_text("")
    tools = fake_pulumi(tmp_path / "bin", INSTALLS.format(folder=tmp_path))
    return EngineEnvironment(home=Home(tmp_path / "home"), stack="staging", tools=tools)


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text().splitlines()


def test_a_stack_of_this_machine_alone_needs_no_plugin_and_asks_for_none(environment, tmp_path):
    plugins.ensure(environment, Settings(), print)

    assert asked(tmp_path) == []


def test_each_platform_names_plugins_whose_sdk_is_installed():
    named = {n for known in REGISTRIES.values() for p in known.values() for n in p.plugins}

    found = {name: plugins.wanted(name) for name in named | {"random"}}

    assert all(plugin.name == name and plugin.version for name, plugin in found.items())
    assert found["vercel"].by_hand.endswith("--server github://api.github.com/pulumiverse")


def test_no_sdk_is_imported_to_know_its_version():
    code = (
        "import sys; from automation.engine import plugins; plugins.wanted('aws');"
        "sys.exit('pulumi_aws' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT)


def test_an_sdk_that_is_not_installed_is_told_of():
    with pytest.raises(ToolMissing, match="pulumi_azure"):
        plugins.wanted("azure")


def test_what_is_missing_is_installed_by_name_in_the_version_of_its_sdk(environment, tmp_path):
    told: list[str] = []

    plugins.ensure(environment, CLOUD, told.append)

    aws, vercel = plugins.wanted("aws"), plugins.wanted("vercel")
    ls, *installs = [line.removeprefix("--non-interactive ") for line in asked(tmp_path)]
    assert ls == "plugin ls --json"
    assert installs == [" ".join(aws.arguments), " ".join(vercel.arguments)]
    assert told[0] == f"installing the engine's plugin aws {aws.version}"


def test_what_is_installed_in_that_version_is_not_installed_again(environment, tmp_path):
    aws, vercel = plugins.wanted("aws"), plugins.wanted("vercel")
    listed = [
        {"name": "aws", "kind": "resource", "version": f"v{aws.version}"},
        {"name": "vercel", "kind": "resource", "version": "0.0.1"},
    ]
    (tmp_path / "listed").write_text(json.dumps(listed))

    plugins.ensure(environment, CLOUD, print)

    assert asked(tmp_path)[1:] == [f"--non-interactive {' '.join(vercel.arguments)}"]


def test_a_program_on_the_path_is_taken_as_it_is(environment, tmp_path, monkeypatch):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("aws", "vercel"):
        (folder / f"pulumi-resource-{name}").write_text("#!/bin/sh\n")
        (folder / f"pulumi-resource-{name}").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    plugins.ensure(environment, CLOUD, print)

    assert asked(tmp_path) == []


def test_where_it_cannot_be_fetched_the_command_for_a_person_is_named(environment, tmp_path):
    script = """case "$*" in *ls*) echo '[]';; *) echo 'error: no such host' >&2; exit 1;; esac"""
    fake_pulumi(tmp_path / "bin", script)

    with pytest.raises(Blocked, match="cannot be installed: aws, vercel") as refused:
        plugins.ensure(environment, CLOUD, print)

    assert refused.value.details == ("error: no such host",) * 2
    assert plugins.wanted("aws").by_hand in refused.value.hint
    assert plugins.wanted("vercel").by_hand in refused.value.hint
