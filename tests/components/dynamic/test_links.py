from pathlib import Path
from typing import Any

import pytest

from components.dynamic.links import LinksProvider

PROVIDER = LinksProvider()


def props(folder: Path, **links: str) -> dict[str, Any]:
    return {
        "directory": str(folder / "links"),
        "links": {k.replace("_", "/"): v for k, v in links.items()},
    }


def made_at(link: Path) -> tuple[int, int]:
    """Which link it is, and since when; that somebody reads it changes neither."""
    found = link.lstat()
    return found.st_ino, found.st_mtime_ns


def test_links_are_made_and_those_that_are_not_declared_removed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "kept").write_text("kept")
    old = PROVIDER.create(props(tmp_path, a_x=str(target), b_x=str(target))).outs
    before = made_at(tmp_path / "links" / "b" / "x")

    new = PROVIDER.update("", old, props(tmp_path, b_x=str(target), b_y=str(tmp_path))).outs

    assert not (tmp_path / "links" / "a").exists()
    assert (tmp_path / "links" / "b" / "y").readlink() == tmp_path
    assert made_at(tmp_path / "links" / "b" / "x") == before, "it was not touched"
    PROVIDER.delete("", new)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert (target / "kept").read_text() == "kept"


@pytest.mark.parametrize("spoil", ["removed", "another target", "one more"])
def test_what_somebody_changed_is_seen_and_put_right(tmp_path: Path, spoil: str) -> None:
    made = PROVIDER.create(props(tmp_path, a_x="/nowhere"))
    assert PROVIDER.read(made.id, made.outs).outs == made.outs, "where it leads does not matter"
    link = tmp_path / "links" / "a" / "x"
    if spoil == "one more":
        link.with_name("z").symlink_to("/other")
    else:
        link.unlink()
    if spoil == "another target":
        link.symlink_to("/other")

    seen = PROVIDER.read(made.id, made.outs).outs
    assert PROVIDER.diff("", made.outs, made.outs).changes
    assert PROVIDER.diff("", seen, made.outs).changes
    PROVIDER.update("", seen, made.outs)

    assert not PROVIDER.diff("", made.outs, made.outs).changes


def test_another_folder_is_another_resource(tmp_path: Path) -> None:
    made = PROVIDER.create(props(tmp_path, a_x="/nowhere")).outs

    assert PROVIDER.diff("", made, {**made, "directory": "/other"}).replaces == ["directory"]
