from pathlib import Path

from components.dynamic.text_file import TextFileProvider

PROVIDER = TextFileProvider()


def test_a_file_is_written_and_removed_with_its_content(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    made = PROVIDER.create({"path": str(path), "content": "one"})
    assert path.read_text() == "one"
    assert not PROVIDER.diff("", made.outs, made.outs).changes

    PROVIDER.update("", made.outs, {**made.outs, "content": "two"})
    assert path.read_text() == "two"

    empty = PROVIDER.update("", made.outs, {**made.outs, "content": ""}).outs
    assert not path.exists()
    assert not PROVIDER.diff("", empty, empty).changes
    assert PROVIDER.read(made.id, empty).id == made.id, "no file is what is declared"


def test_what_somebody_changed_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    made = PROVIDER.create({"path": str(path), "content": "one"})
    path.write_text("other")
    assert PROVIDER.diff("", made.outs, made.outs).changes
    assert PROVIDER.diff("", PROVIDER.read(made.id, made.outs).outs, made.outs).changes

    PROVIDER.delete(made.id, made.outs)
    PROVIDER.delete(made.id, made.outs)

    assert not path.exists()
    assert PROVIDER.diff("", made.outs, {**made.outs, "path": "/other"}).replaces == ["path"]
