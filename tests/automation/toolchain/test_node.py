import subprocess
from pathlib import Path

from automation.toolchain import node, versions


def launcher(folder: Path, name: str, answer: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {answer}\n")
    (folder / name).chmod(0o755)


def test_a_node_that_is_new_enough_is_taken_from_path(tmp_path):
    launcher(tmp_path, "node", "v22.3.1")
    launcher(tmp_path, "npm", "10.1.0")

    found = node.on_path(str(tmp_path))

    assert found is not None
    assert (found.version, found.source, found.bin) == ("22.3.1", "path", tmp_path)


def test_an_old_node_and_one_without_npm_are_passed_over(tmp_path):
    launcher(tmp_path, "node", "v18.19.0")
    assert node.on_path(str(tmp_path)) is None

    launcher(tmp_path, "npm", "9.2.0")
    assert node.on_path(str(tmp_path)) is None

    launcher(tmp_path, "node", "v20.0.0")
    assert node.on_path(str(tmp_path)) is not None


def test_the_node_of_the_wheel_runs_npm_without_anything_on_path(tmp_path):
    found = node.from_wheel(tmp_path)

    plain = {"PATH": f"{found.bin}:/usr/bin:/bin", "HOME": str(tmp_path)}
    for tool in (found.node, found.npm, found.bin / "npx"):
        answer = subprocess.run([tool, "--version"], env=plain, capture_output=True, check=True)
        assert versions.parse(answer.stdout.decode())
    assert (versions.parse(found.version) or ()) >= node.MINIMUM
