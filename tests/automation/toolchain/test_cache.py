"""Folders that are on their way to be tools, and those that a killed process never finished."""

import os
from pathlib import Path

import pytest

from automation.toolchain import cache

LONG_AGO = (1_600_000_000, 1_600_000_000)


def left(folder: Path, name: str) -> Path:
    """What a maker leaves that is killed: it holds no lock any more."""
    path = folder / name
    path.mkdir()
    (path / "half").touch()
    os.utime(path, LONG_AGO)
    return path


def test_a_folder_is_there_when_all_went_well_and_else_nothing_is(tmp_path):
    with cache.made_whole(tmp_path / "tools" / "go") as new:
        (new / "go").touch()
    with pytest.raises(RuntimeError), cache.made_whole(tmp_path / "tools" / "node") as new:
        raise RuntimeError

    assert [path.name for path in (tmp_path / "tools").iterdir()] == ["go"]
    assert [path.name for path in (tmp_path / "tools" / "go").iterdir()] == ["go"]


def test_what_a_killed_process_left_is_removed_by_the_next_that_makes_the_same(tmp_path):
    killed, others = left(tmp_path, ".go-1a2b3c4d"), left(tmp_path, ".node-1a2b3c4d")

    with cache.made_whole(tmp_path / "go"):
        assert not killed.exists()

    assert others.exists()


def test_what_another_process_is_making_stays(tmp_path):
    with cache.made_whole(tmp_path / "go-1") as under_way:
        os.utime(under_way, LONG_AGO)
        with cache.made_whole(tmp_path / "go"):
            assert under_way.exists()


def test_what_was_made_a_moment_ago_stays_since_its_maker_may_not_have_its_lock_yet(tmp_path):
    young = tmp_path / ".go-1a2b3c4d"
    young.mkdir()

    with cache.made_whole(tmp_path / "go"):
        assert young.exists()


def test_a_lock_is_had_where_nobody_has_it(tmp_path):
    lock = tmp_path / "lock"
    with cache.locked_if_free(lock) as free:
        assert free
    with cache.locked(lock, print, "it builds"), cache.locked_if_free(lock) as free:
        assert not free
    with cache.locked_if_free(lock) as free:
        assert free
