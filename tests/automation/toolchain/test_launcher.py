import shutil
import subprocess
from pathlib import Path

import pytest

from automation.home import PROJECT

REQUIREMENTS = "click==8\n"


def executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A checkout whose Python and set-up only say that they were called."""
    root = tmp_path / "a checkout"
    root.mkdir()
    shutil.copy(PROJECT / "slipway", root / "slipway")
    (root / "requirements.txt").write_text(REQUIREMENTS)
    executable(root / ".venv" / "bin" / "python", 'echo "python $*"')
    executable(root / "automation" / "toolchain" / "setup.sh", "echo set up; exit $FAIL_WITH")
    (root / ".venv" / ".slipway-root").write_text(f"{root}\n")
    (root / ".venv" / ".slipway-requirements.txt").write_text(REQUIREMENTS)
    return root


def launch(command: Path, cwd: Path, fail_with: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, "up", "two words"],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "FAIL_WITH": str(fail_with)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_passes_its_arguments_on_and_sets_nothing_up_again(checkout):
    answer = launch(checkout / "slipway", checkout)

    assert answer.stdout == "python -P -m automation up two words\n"
    assert answer.stderr == ""


def test_it_works_from_anywhere_and_through_links(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "absolute").symlink_to(checkout / "slipway")
    (tmp_path / "bin" / "relative").symlink_to("absolute")

    assert launch(tmp_path / "bin" / "relative", Path("/")).stdout.startswith("python -P")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "requirements.txt").write_text("click==9\n"),
        lambda root: (root / ".venv" / ".slipway-incomplete").touch(),
        lambda root: (root / ".venv" / ".slipway-root").write_text("/elsewhere\n"),
        lambda root: (root / ".venv" / ".slipway-requirements.txt").unlink(),
    ],
    ids=["requirements changed", "interrupted", "checkout moved", "never finished"],
)
def test_it_sets_up_again_when_something_changed(checkout, change):
    change(checkout)

    assert launch(checkout / "slipway", checkout).stdout.startswith("set up\n")


def test_it_ends_with_the_code_of_a_set_up_that_failed(checkout):
    (checkout / ".venv" / ".slipway-incomplete").touch()

    answer = launch(checkout / "slipway", checkout, fail_with=3)

    assert answer.returncode == 3
    assert "python" not in answer.stdout


def test_an_old_python_is_refused_with_the_version_that_was_found(tmp_path):
    executable(tmp_path / "python3", "echo 3.9")

    answer = subprocess.run(
        ["/bin/sh", PROJECT / "automation" / "toolchain" / "setup.sh"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 3
    assert "Python 3.11 or newer is needed; python3 is 3.9;" in answer.stderr
