import json
import re
import subprocess
import sys
from typing import Any

from automation.engine.stack import QUICK

LIST = ("list", "-v", "--format", "json")


def pip(*arguments: str, path: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pip", *arguments],
        env={"PYTHONPATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def packages(listed: str) -> set[tuple[str, str, str]]:
    found: list[dict[str, Any]] = json.loads(listed)
    return {
        (re.sub(r"[-_.]+", "-", each["name"]).lower(), each["version"], each["location"])
        for each in found
    }


def test_it_lists_the_packages_that_pip_lists():
    theirs, ours = (packages(pip(*LIST, path=path).stdout) for path in ("", QUICK))

    assert ours == theirs


def test_everything_else_is_answered_by_pip_itself():
    ran = pip("list", "--format", "freeze", path=QUICK)

    assert "pulumi==" in ran.stdout
    refused = pip("no-such-command", path=QUICK)
    assert refused.returncode != 0
    assert "unknown command" in refused.stderr
