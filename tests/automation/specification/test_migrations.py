"""Alembic's revisions are read from their source, wherever its configuration says they lie."""

from pathlib import Path

import pytest

from automation.errors import InvalidInput
from automation.specification.migrations import Graph, revisions
from automation.specification.models import Migrations

HERE = Migrations(config="alembic.ini", path=".", scripts="alembic")


def revision(folder: Path, name: str, after: str | None, body: str = "op.drop_table('a')") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(
        f'"""Message of {name}"""\n'
        "raise SystemExit('imported')\n"
        f"revision: str = {name!r}\ndown_revision = {after!r}\n"
        f"def upgrade():\n    op.create_table('a')\ndef downgrade():\n    {body}\n"
    )


def graph(app: Path, ini: str = "script_location = alembic") -> Graph:
    (app / "alembic.ini").write_text(f"[alembic]\n{ini}\n")
    return revisions(app, HERE)


def test_the_example_leads_from_any_revision_to_its_head() -> None:
    migrations = Migrations(config="backend/alembic.ini", path="backend", scripts="backend/alembic")
    found = revisions(Path("examples/todo"), migrations)

    assert found.head == "0004_task_priority"
    assert [one.id for one in found.path("0002_tasks")] == [
        "0003_refresh_tokens",
        "0004_task_priority",
    ]
    assert len(found.path(None)) == 4
    assert found.path(found.head) == ()
    assert found.irreversible == ()


def test_revisions_are_never_imported(tmp_path: Path) -> None:
    revision(tmp_path / "alembic/versions", "a", None)

    assert graph(tmp_path).revisions["a"].message == "Message of a"


def test_two_heads_are_refused_with_both_names_and_the_way_to_merge_them(tmp_path: Path) -> None:
    for name, after in (("a", None), ("b1", "a"), ("b2", "a")):
        revision(tmp_path / "alembic/versions", name, after)
    found = graph(tmp_path)

    with pytest.raises(InvalidInput) as caught:
        found.path(None)

    assert found.heads == ("b1", "b2")
    assert "b1 (alembic/versions/b1.py), b2 (alembic/versions/b2.py)" in caught.value.message
    assert "alembic merge" in caught.value.hint
    assert "b1 b2" in caught.value.hint


def test_a_merge_joins_two_branches_into_one_path(tmp_path: Path) -> None:
    for name, after in (("a", None), ("b1", "a"), ("b2", "a")):
        revision(tmp_path / "alembic/versions", name, after)
    merge = tmp_path / "alembic/versions/m.py"
    merge.write_text('revision = "m"\ndown_revision = ("b1", "b2")\ndef downgrade():\n    pass\n')

    assert [one.id for one in graph(tmp_path).path(None)] == ["a", "b1", "b2", "m"]
    assert [one.id for one in graph(tmp_path).path("b1")] == ["b2", "m"]


@pytest.mark.parametrize("body", ["pass", "...", "raise NotImplementedError()", '"""Nothing"""'])
def test_a_downgrade_that_does_nothing_makes_a_revision_irreversible(
    tmp_path: Path, body: str
) -> None:
    revision(tmp_path / "alembic/versions", "a", None)
    revision(tmp_path / "alembic/versions", "b", "a", body)

    assert [one.id for one in graph(tmp_path).irreversible] == ["b"]


@pytest.mark.parametrize(
    ("ini", "folder"),
    [
        ("script_location = %(here)s/db/moves", "db/moves/versions"),
        ("script_location = db/moves", "db/moves/versions"),
        ("script_location = shop:db", "src/shop/db/versions"),
        ("script_location = x\nversion_locations = %(here)s/one %(here)s/two", "two"),
        ("script_location = x\nversion_locations = one:two\npath_separator = os", "two"),
        ("script_location = x\nversion_locations = one\n  two\npath_separator = newline", "two"),
        ("script_location = alembic\nrecursive_version_locations = true", "alembic/versions/2026"),
    ],
)
def test_revisions_are_found_where_the_configuration_says(
    tmp_path: Path, ini: str, folder: str
) -> None:
    revision(tmp_path / folder, "a", None)

    assert graph(tmp_path, ini).head == "a"


def test_a_relative_location_starts_at_the_folder_that_alembic_runs_in() -> None:
    migrations = Migrations(
        config="server/alembic.ini", path="server", scripts="server/db/migrations"
    )
    found = revisions(Path("tests/fixtures/apps/notes"), migrations)

    assert [one.id for one in found.path(None)] == ["3f1c0a9d7b21", "8e52b6d40c13"]


def test_a_missing_parent_is_refused_with_the_file_that_names_it(tmp_path: Path) -> None:
    revision(tmp_path / "alembic/versions", "b", "gone")

    with pytest.raises(InvalidInput, match=r"versions/b\.py: down_revision: .* no revision gone"):
        graph(tmp_path)


def test_revisions_in_a_circle_are_refused(tmp_path: Path) -> None:
    revision(tmp_path / "alembic/versions", "a", "b")
    revision(tmp_path / "alembic/versions", "b", "a")

    with pytest.raises(InvalidInput, match="in a circle: a, b"):
        _ = graph(tmp_path).head


def test_a_database_at_an_unknown_revision_is_refused(tmp_path: Path) -> None:
    revision(tmp_path / "alembic/versions", "a", None)

    with pytest.raises(InvalidInput, match="the database is at revision zzz"):
        graph(tmp_path).path("zzz")


def test_an_unreadable_configuration_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("script_location = here\n")

    with pytest.raises(InvalidInput, match=r"alembic\.ini: cannot be read as Alembic"):
        revisions(tmp_path, HERE)


def test_a_revision_that_assigns_several_names_at_once_is_read(tmp_path: Path) -> None:
    revision(tmp_path / "alembic/versions", "a", None)
    several = tmp_path / "alembic/versions/b.py"
    several.write_text('revision, down_revision = "b", "a"\n')

    assert [one.id for one in graph(tmp_path).path("a")] == ["b"]
