"""The real engine, on a small program in a folder of its own."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from automation.toolchain import pulumi
from tests.doubles.plugins.fixture import Plugins

DEADLINE = 600
"""Seconds, for a machine that has much else to do; a small program takes two."""


@dataclass(frozen=True)
class Ran:
    """How a run of the engine ended."""

    code: int
    output: str

    def ok(self) -> "Ran":
        assert self.code == 0, self.output
        return self

    def failed(self, *why: str) -> "Ran":
        assert self.code != 0, self.output
        for each in why:
            assert each in self.output, self.output
        return self


class Engine:
    """One stack called `test`, with its state in a folder."""

    def __init__(self, folder: Path, plugins: Plugins) -> None:
        self.folder = folder / "program"
        state = folder / "backend"
        for each in (self.folder, state):
            each.mkdir(parents=True)
        tools = pulumi.locate(lambda _line: None).bin
        path = os.pathsep.join((str(tools), str(Path(sys.executable).parent), os.environ["PATH"]))
        self.environment = {
            **plugins.environment({**os.environ, "PATH": path}),
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "a passphrase of a test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": "eu-central-1",
        }
        (self.folder / "Pulumi.yaml").write_text("name: doubles\nruntime: python\n")
        self.pulumi("stack", "init", "test").ok()

    def program(self, text: str) -> "Engine":
        """Write the program."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(text))
        return self

    def configure(self, **values: Any) -> "Engine":
        """Set the program's configuration: strings, or JSON."""
        file = self.folder / "Pulumi.test.yaml"
        content = yaml.safe_load(file.read_text())
        given = {
            f"doubles:{k}": v if isinstance(v, str) else json.dumps(v) for k, v in values.items()
        }
        content["config"] = {**content.get("config", {}), **given}
        file.write_text(yaml.safe_dump(content))
        return self

    def pulumi(self, *arguments: str) -> Ran:
        """Run the engine's program."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def up(self, *arguments: str) -> Ran:
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def preview(self, *arguments: str) -> Ran:
        return self.pulumi("preview", "--diff", *arguments)

    def unchanged(self) -> None:
        """See that the program has nothing to do."""
        self.pulumi("preview", "--expect-no-changes").ok()

    def refresh(self) -> Ran:
        return self.pulumi("refresh", "--yes", "--skip-preview")

    def destroy(self) -> Ran:
        return self.pulumi("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """Return what the program exported."""
        shown = self.pulumi("stack", "output", "--json", "--show-secrets").ok().output
        found: dict[str, Any] = json.loads(shown)
        return found

    def state(self) -> str:
        """Return the state as the engine keeps it, with secrets encrypted."""
        return self.pulumi("stack", "export").ok().output

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources of the state by name."""
        deployment = json.loads(self.state())["deployment"]
        return {each["urn"].rpartition("::")[2]: each for each in deployment.get("resources", ())}
