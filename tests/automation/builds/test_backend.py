import subprocess
import sys
from pathlib import Path

import pytest

from automation.errors import BuildFailed
from automation.specification.models import Backend

API = Backend(path="api", application="main:app")
OTHER = f"3.{sys.version_info.minor + 40}"


def test_a_backend_gets_an_environment_of_its_own_and_its_sources(built):
    artifact = built(
        Backend(path="api", install="true", build="touch generated", start="python main.py")
    ).artifact

    work = Path(artifact.path) / artifact.working_directory
    prefix = subprocess.run(
        ["python", "-c", "import sys; print(sys.prefix)"],
        env=artifact.variables,
        executable=Path(artifact.variables["VIRTUAL_ENV"]) / "bin" / "python",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert prefix == f"{artifact.path}/venv"
    assert (work / "main.py").is_file()
    assert (work / "generated").is_file()
    assert artifact.command == ("/bin/sh", "-c", "exec python main.py")


def test_without_a_server_among_its_dependencies_it_says_what_to_add(built):
    with pytest.raises(BuildFailed, match="uvicorn is not among") as failed:
        built(API.model_copy(update={"install": "true"}))

    assert "`start`" in failed.value.hint


def test_without_any_list_of_dependencies_it_says_what_is_missing(built):
    with pytest.raises(BuildFailed, match=r"no uv\.lock, requirements\.txt or pyproject\.toml"):
        built(API)


def test_a_python_that_is_not_there_is_named(app, built):
    (app / "api" / "pyproject.toml").write_text(
        f'[project]\nname = "x"\nversion = "1"\nrequires-python = "=={OTHER}.*"\n'
    )

    with pytest.raises(BuildFailed, match=f"asks for Python =={OTHER}"):
        built(API)


@pytest.mark.integration
def test_locked_requirements_are_installed_and_the_application_answers_its_start(app, built):
    (app / "api" / "requirements.txt").write_text("uvicorn==0.38.0\nclick==8.3.0\nh11==0.16.0\n")

    artifact = built(API).artifact

    answer = subprocess.run(
        [artifact.command[0], "-m", "uvicorn", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "0.38.0" in answer.stdout
    assert artifact.command[2:4] == ("uvicorn", "main:app")
    assert list(Path(artifact.path).glob("venv/lib/*/site-packages/click/__pycache__/*.pyc"))
