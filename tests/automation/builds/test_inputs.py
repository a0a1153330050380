import os
from pathlib import Path, PurePosixPath

import pytest

from automation.builds import inputs
from automation.builds.inputs import Checksums

LONG_AGO = (1_600_000_000, 1_600_000_000)


@pytest.fixture
def tree(tmp_path) -> Path:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, LONG_AGO)
    return tmp_path


def digest(tree: Path, files: str = "ab", **configuration: object) -> str:
    checksums = Checksums(tree.parent / f"{tree.name}.memory")
    return inputs.digest(tree, [PurePosixPath(name) for name in files], configuration, checksums)


def test_the_same_files_give_the_same_digest(tree):
    first = digest(tree)
    os.utime(tree / "a")

    assert digest(tree) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: (tree / "a").write_text("other"),
        lambda tree: (tree / "a").chmod(0o755),
        lambda tree: ((tree / "a").unlink(), (tree / "a").symlink_to("b")),
    ],
    ids=["content", "mode", "kind"],
)
def test_a_change_of_a_file_changes_it(tree, change):
    first = digest(tree)
    change(tree)

    assert digest(tree) != first


def test_another_configuration_or_list_of_files_changes_it(tree):
    assert len({digest(tree), digest(tree, kind="static"), digest(tree, "a")}) == 3


def test_a_change_that_keeps_size_and_modification_time_is_seen(tree):
    first = digest(tree)
    (tree / "a").write_text("x")
    os.utime(tree / "a", LONG_AGO)

    assert digest(tree) != first


def test_a_file_that_did_not_change_is_not_read_again(tree):
    memory = tree.parent / f"{tree.name}.memory"
    first = digest(tree)
    known = memory.read_text()
    checksum = Checksums(memory).of(tree / "a")
    memory.write_text(known.replace(checksum, "0" * 64))

    assert digest(tree) != first


def test_a_damaged_memory_is_forgotten(tree):
    first = digest(tree)
    (tree.parent / f"{tree.name}.memory").write_text("{")

    assert digest(tree) == first


def test_the_checksum_of_what_came_out_leaves_out_what_changes_at_run_time(tree):
    first = inputs.checksum(tree, frozenset({"cache"}))
    (tree / "cache").mkdir()
    (tree / "cache" / "c").write_text("c")

    assert inputs.checksum(tree, frozenset({"cache"})) == first
    assert inputs.checksum(tree) != first
