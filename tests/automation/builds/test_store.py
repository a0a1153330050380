import contextlib
import errno
from pathlib import Path

import pytest

from automation.builds.store import Metadata, Store
from automation.errors import BuildFailed

ONE, TWO = "1" * 64, "2" * 64


def ignore(_line: str) -> None:
    return None


def metadata(folder: Path, digest: str = ONE) -> Metadata:
    return Metadata("backend", "1", None, "2030-01-01", digest, "c", 3, str(folder))


def make(store: Store, digest: str = ONE) -> Path:
    with store.building("backend", digest, ignore) as folder:
        (folder / "file").write_text("built")
        store.complete(metadata(folder, digest))
    return folder


def test_an_artifact_is_there_once_it_is_complete(store):
    assert store.find("backend", ONE) is None

    folder = make(store)

    assert store.find("backend", ONE) == metadata(folder)


def test_a_build_that_fails_leaves_nothing(store):
    with contextlib.suppress(RuntimeError), store.building("backend", ONE, ignore) as folder:
        (folder / "file").write_text("half")
        raise RuntimeError

    assert not store.folder("backend", ONE).exists()


def test_what_a_killed_build_left_is_wiped_before_the_next(store):
    left = store.folder("backend", ONE)
    left.mkdir(parents=True)
    (left / "half").write_text("half")

    with store.building("backend", ONE, ignore) as folder:
        assert list(folder.iterdir()) == []


def test_an_artifact_that_was_moved_is_not_taken(store, tmp_path):
    make(store)
    store.root.rename(tmp_path / "moved")

    assert Store(tmp_path / "moved").find("backend", ONE) is None


def test_too_little_space_is_said_before_anything_is_written(store):
    full = Store(store.root, needed_bytes=10**18)

    with pytest.raises(BuildFailed, match="the disk is full"):
        make(full)

    assert not store.folder("backend", ONE).exists()


def test_a_disk_that_fills_up_during_a_build_leaves_nothing(store):
    with (
        pytest.raises(BuildFailed, match="the disk is full"),
        store.building("backend", ONE, ignore) as folder,
    ):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert not folder.exists()


def test_pruning_keeps_what_is_named_and_what_is_being_built(store):
    kept, gone = make(store, ONE), make(store, TWO)
    with store.building("frontend", "3" * 64, ignore) as building:
        assert store.prune(lambda: [str(kept)]) == [gone.name]
        assert building.exists()

    assert kept.exists()
    assert not gone.exists()


def test_what_a_deployment_has_found_or_built_stays_until_it_lets_go(store):
    found = make(store, ONE)
    with contextlib.ExitStack() as holds:
        other = Store(store.root, needed_bytes=1, holds=holds)
        assert other.find("backend", ONE) is not None
        built = make(other, TWO)

        assert store.prune(list) == []

    assert store.prune(list) == [found.name, built.name]


def test_what_is_gone_is_neither_found_nor_held(store):
    make(store, ONE)
    with contextlib.ExitStack() as holds:
        other = Store(store.root, needed_bytes=1, holds=holds)
        store.prune(list)

        assert other.find("backend", ONE) is None

        make(other, ONE)
        assert store.prune(list) == []


def test_what_comes_to_be_kept_while_others_are_removed_stays(store):
    gone, kept = make(store, ONE), make(store, TWO)

    assert store.prune(lambda: [] if gone.exists() else [str(kept)]) == [gone.name]
    assert kept.exists()
