from pathlib import Path

import pytest

from automation.builds.artifact import backend_artifact, shell
from automation.builds.store import Metadata
from automation.specification.models import Backend


def built(uvicorn: str) -> Metadata:
    layout = {"python": "/a/venv/bin/python", "working_directory": "source", "uvicorn": uvicorn}
    return Metadata("backend", "1", None, "", "d", "c", 1, "/a", layout=layout)


def test_a_backend_starts_with_uvicorn_on_its_port_and_drains():
    declared = Backend(application="main:app", drain_seconds=7)

    artifact = backend_artifact(declared, built("0.38.0"))

    line = " ".join(artifact.command)
    assert line.startswith("/a/venv/bin/python -m uvicorn main:app --host 127.0.0.1")
    assert "--port ${port}" in line
    assert line.endswith("--timeout-graceful-shutdown 7")
    assert artifact.variables["PATH"].startswith("/a/venv/bin:")


def test_an_old_uvicorn_is_not_given_an_option_that_it_does_not_know():
    artifact = backend_artifact(Backend(application="main:app"), built("0.20.0"))

    assert "--timeout-graceful-shutdown" not in artifact.command


@pytest.mark.parametrize(
    ("start", "script"),
    [
        ("uvicorn main:app --port ${port}", "exec uvicorn main:app --port ${port}"),
        ("exec gunicorn main", "exec gunicorn main"),
        ("WORKERS=2 python main.py", "exec env WORKERS=2 python main.py"),
        ("cd src && python main.py", "cd src && python main.py"),
        ("python prepare.py; python main.py", "python prepare.py; python main.py"),
    ],
)
def test_a_single_command_replaces_its_shell_and_gets_the_signals(start, script):
    assert shell(start) == ("/bin/sh", "-c", script)


def test_variables_of_the_specification_are_kept_as_references():
    declared = Backend(application="main:app", variables={"DATABASE_URL": "${database.url}"})

    artifact = backend_artifact(declared, built("0.38.0"))

    assert artifact.variables["DATABASE_URL"] == "${database.url}"
    assert Path(artifact.path) == Path("/a")
