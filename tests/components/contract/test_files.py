"""Files are written whole or not at all."""

from pathlib import Path

import pytest

from components.contract import files


def test_a_file_has_its_text_and_mode_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"

    files.write(path, "text", mode=0o600)
    files.write(path, "other", mode=0o600)

    assert path.read_text() == "other"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_that_began_before_sees_the_old_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write(path, "old")
    with path.open() as reader:
        files.write(path, "new")

        assert reader.read() == "old"


def test_what_cannot_be_written_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write(path, "old")

    with pytest.raises(UnicodeEncodeError):
        files.write(path, "\ud800")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_record_is_for_its_owner_and_group_and_named(tmp_path: Path) -> None:
    path = tmp_path / "new" / "record"

    assert files.replace(path, "text") == path
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("text", 0o640)
