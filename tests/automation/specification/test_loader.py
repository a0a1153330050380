"""The loader accepts what is complete, and says everything that is wrong in one error."""

from pathlib import Path

import pytest

from automation.errors import InvalidInput
from automation.specification.loader import load, warnings

MINIMAL = """
name: shop
frontend: {path: web, kind: nextjs}
backend: {path: api, application: "main:app"}
"""


def application(root: Path, **documents: str) -> Path:
    """Write an application with front matters by `folder__file`."""
    for folder in ("web", "api"):
        (root / folder).mkdir(exist_ok=True)
    for name, front_matter in documents.items():
        path = root / "specs" / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{front_matter.strip()}\n---\n\n# Prose\n")
    return root


def problems(app: Path) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        load(app)
    return list(caught.value.details) or [caught.value.message]


def test_several_documents_are_merged_into_one_specification(tmp_path: Path) -> None:
    app = application(
        tmp_path,
        deployment__app=MINIMAL,
        database__db="database: {schema_owner: application}",
        infrastructure__sizes="backend: {drain_seconds: 5}\nthresholds: {cpu_percent: 70}",
    )

    specification = load(app)

    assert specification.name == "shop"
    assert specification.database is not None
    assert specification.backend is not None
    assert specification.backend.drain_seconds == 5
    assert specification.backend.application == "main:app"
    assert specification.thresholds.cpu_percent == 70


def test_the_example_application_has_a_complete_specification() -> None:
    specification = load(Path("examples/todo"))

    assert specification.name == "todo"
    assert warnings(specification) == []


def test_documents_without_front_matter_and_those_of_spec_kit_are_prose(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app=MINIMAL)
    (app / "specs/features").mkdir()
    (app / "specs/features/cart.md").write_text("# Cart\n\n---\nname: other\n---\n")
    (app / "specs/features/pay.md").write_text("---\ntitle: Pay\nstatus: draft\n---\n# Pay\n")
    (app / "specs/.spec-kit").mkdir()
    (app / "specs/.spec-kit/schema.md").write_text("---\nname: schema\nnonsense: 1\n---\n")

    assert load(app).name == "shop"


def test_a_path_without_a_folder_is_no_application(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is no application: there is no such folder") as caught:
        load(tmp_path / "nowhere")

    assert "./slipway init --app PATH" in caught.value.hint


def test_a_folder_without_documents_is_no_application_and_init_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is no application") as caught:
        load(tmp_path)

    assert f"./slipway init --app {tmp_path}" in caught.value.hint


def test_a_misspelt_key_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app=MINIMAL + "smok: []\n")
    (line,) = problems(app)

    assert line == "specs/deployment/app.md: smok: unknown key; did you mean `smoke`?"


def test_a_misspelt_key_deep_inside_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    flow = """
smoke:
  - name: a
    category: pages
    steps:
      - request: GET /
        expct: {status: 200}
"""
    (line,) = problems(application(tmp_path, deployment__app=MINIMAL + flow))

    assert line == (
        "specs/deployment/app.md: smoke[0].steps[0].expct: unknown key; did you mean `expect`?"
    )


def test_all_problems_are_listed_at_once_with_their_files(tmp_path: Path) -> None:
    app = application(
        tmp_path,
        deployment__app="name: Shop\nfrontend: {path: web, kind: nextjz}\nbackend: {path: api}",
        infrastructure__sizes="thresholds: {cpu_percnt: 70}",
    )
    found = "\n".join(problems(app))

    assert "specs/deployment/app.md: name: " in found
    assert "expected lower-case letters" in found
    assert "specs/deployment/app.md: frontend.kind: input should be 'nextjs'" in found
    assert "specs/deployment/app.md: backend: backend needs `application`" in found
    assert "specs/infrastructure/sizes.md: thresholds.cpu_percnt: unknown key; did you" in found


def test_a_key_declared_twice_with_different_values_names_both_files(tmp_path: Path) -> None:
    app = application(
        tmp_path, deployment__app=MINIMAL, architecture__other="frontend: {path: elsewhere}"
    )
    (line,) = problems(app)

    assert "specs/deployment/app.md and specs/architecture/other.md: frontend.path" in line
    assert "declared twice with different values" in line


def test_a_key_declared_twice_with_the_same_value_is_fine(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app=MINIMAL, architecture__other="name: shop")

    assert load(app).name == "shop"


def test_a_key_twice_in_one_document_is_refused_with_its_line(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app="name: shop\nversion: '1'\nname: other")
    found = "\n".join(problems(app))

    assert "line 4, column 1: the key `name` is declared twice" in found


def test_broken_yaml_is_refused_with_its_line_and_hides_no_traceback(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app="name: shop\nbackend: {path: api")
    found = "\n".join(problems(app))

    assert "specs/deployment/app.md: line " in found
    assert "missing" not in found


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("version: {{ version }}", "line 3, column 11: found unhashable key"),
        ("version: 2024-13-45", "line 3, column 10: `2024-13-45` is no timestamp"),
        ("version: !!bool perhaps", "line 3, column 10: `perhaps` is no bool"),
    ],
)
def test_a_value_that_yaml_takes_for_something_else_is_refused_with_its_line(
    tmp_path: Path, line: str, wrong: str
) -> None:
    app = application(tmp_path, deployment__app=f"name: shop\n{line}")

    assert f"specs/deployment/app.md: {wrong}" in "\n".join(problems(app))


def test_a_front_matter_that_does_not_end_is_refused(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app=MINIMAL)
    (app / "specs/deployment/open.md").write_text("---\nname: shop\n")

    assert "open.md: the front matter does not end" in problems(app)[0]


def test_a_document_of_unknown_kind_is_refused(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app="kind: deploymnt\n" + MINIMAL)

    assert "kind: unknown kind 'deploymnt'; did you mean `deployment`?" in problems(app)[0]


def test_a_declaring_document_in_another_folder_needs_a_kind(tmp_path: Path) -> None:
    app = application(tmp_path, notes__app=MINIMAL)
    assert "specs/notes/app.md: kind: missing" in problems(app)[0]

    application(tmp_path, notes__app="kind: deployment\n" + MINIMAL)
    assert load(app).name == "shop"


def test_an_unquoted_number_in_a_variable_is_explained(tmp_path: Path) -> None:
    text = MINIMAL.replace("path: api,", "path: api, variables: {SIZE: 5432},")
    (line,) = problems(application(tmp_path, deployment__app=text))

    assert "backend.variables.SIZE" in line
    assert "in quotes" in line


@pytest.mark.parametrize(
    ("frontend", "backend", "expected"),
    [
        ("", "variables: {A: '${database.ulr}'}", "did you mean ${database.url}?"),
        ("", "variables: {A: '${secret.JWT}'}", "unknown reference ${secret.JWT}"),
        ("", "start: 'uvicorn --port ${PORT}'", "written without braces, as in `$PORT`"),
        ("build: 'X=${database.password} next build'", "", "not known, or not public"),
        ("variables: {NEXT_PUBLIC_A: '${port}'}", "", "not known, or not public"),
        ("", "start: 'run ${database.password}'", "a secret on a command line"),
        ("", "variables: {A: '${database.host}'}", "refers to a database, but none is declared"),
    ],
)
def test_a_reference_that_cannot_be_resolved_is_refused(
    tmp_path: Path, frontend: str, backend: str, expected: str
) -> None:
    text = f"name: shop\nfrontend: {{path: web, {frontend}}}\n"
    text += f'backend: {{path: api, application: "main:app", {backend}}}\n'
    text = text.replace("${secret.JWT}", "${secret.JWT}")
    found = "\n".join(problems(application(tmp_path, deployment__app=text)))

    assert expected in found


def test_paths_that_do_not_exist_are_refused_with_their_keys(tmp_path: Path) -> None:
    text = """
name: shop
frontend: {path: webb, workspace: ../..}
backend: {path: api, application: "main:app", requirements: api/requirements.txt}
database: {migrations: {config: alembic.ini, path: api, scripts: api/alembic}}
"""
    app = application(tmp_path, deployment__app=text)
    (app / "api/requirements.txt").touch()
    found = "\n".join(problems(app))

    assert "frontend.path: there is no folder webb" in found
    assert "frontend.workspace: ../.. is outside of the application" in found
    assert "backend.requirements: there is no file api/requirements.txt in api" in found
    assert "did you mean `requirements.txt`?" in found
    assert "database.migrations.config: there is no file alembic.ini" in found
    assert "database.migrations.scripts: there is no folder api/alembic" in found


def test_scripts_other_than_those_of_alembics_configuration_are_refused(tmp_path: Path) -> None:
    text = MINIMAL + "database: {migrations: {config: api/a.ini, path: api, scripts: api/old}}\n"
    app = application(tmp_path, deployment__app=text)
    for folder in ("old", "new"):
        (app / "api" / folder).mkdir()
    (app / "api" / "a.ini").write_text("[alembic]\nscript_location = new\n")
    (line,) = problems(app)

    assert "database.migrations.scripts" in line
    assert "expected api/new" in line


def test_migrations_outside_of_the_backends_folder_are_refused(tmp_path: Path) -> None:
    text = (
        MINIMAL + "database: {migrations: {config: alembic.ini, path: ., scripts: api/alembic}}\n"
    )
    app = application(tmp_path, deployment__app=text)
    (app / "api" / "alembic").mkdir()
    (app / "alembic.ini").write_text("[alembic]\nscript_location = api/alembic\n")
    found = problems(app)

    assert [line.split(": ")[1] for line in found] == [
        "database.migrations.config",
        "database.migrations.path",
    ]
    assert "alembic.ini is outside of `backend.path`, api" in found[0]


@pytest.mark.parametrize("way", ["api/../api/alembic", "{app}/api/alembic"])
def test_a_way_into_the_backends_folder_that_its_artifact_does_not_have_is_refused(
    tmp_path: Path, way: str
) -> None:
    scripts = way.format(app=tmp_path)
    text = f"database: {{migrations: {{config: api/a.ini, path: api, scripts: {scripts}}}}}\n"
    app = application(tmp_path, deployment__app=MINIMAL + text)
    (app / "api" / "alembic").mkdir()
    (app / "api" / "a.ini").write_text("[alembic]\nscript_location = alembic\n")
    (line,) = problems(app)

    assert "database.migrations.scripts" in line
    assert "outside of `backend.path`" in line


def test_migrations_without_a_backend_that_runs_them_are_refused(tmp_path: Path) -> None:
    text = "name: shop\nfrontend: {path: web}\ndatabase: {migrations: {}}\n"
    app = application(tmp_path, deployment__app=text)
    (app / "alembic").mkdir()
    (app / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
    (line,) = problems(app)

    assert "database.migrations: there is no backend" in line


def test_a_database_that_nobody_fills_with_tables_is_refused(tmp_path: Path) -> None:
    app = application(tmp_path, deployment__app=MINIMAL + "database: {}\n")

    assert "database.migrations: missing, so nothing creates the tables" in problems(app)[0]


def test_what_a_deployment_can_do_without_is_a_warning(tmp_path: Path) -> None:
    found = "\n".join(
        warnings(
            load(
                application(
                    tmp_path,
                    deployment__app=MINIMAL
                    + "secrets: {UNUSED: {generate: 32}}\nenvironments: [staging]\n",
                )
            )
        )
    )

    for key in ("backend.ready", "rollback.procedure", "smoke", "thresholds", "secrets.UNUSED"):
        assert f"{key}: " in found
    assert "environments" not in found
