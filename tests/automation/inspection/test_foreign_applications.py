"""An inspection assumes nothing of the example: other folders, tools, names and conventions."""

from pathlib import Path

import pytest

from automation.errors import InvalidInput
from automation.inspection.application import inspect
from automation.inspection.documents import documents, write
from automation.specification.loader import load
from automation.specification.migrations import revisions
from automation.specification.models import Specification
from tests.automation.inspection.tree import APP, write_files
from tests.fixtures.apps.prepare import copy

SENTINELS = (
    "sentinel-storefront",
    "sk_test_sentinel51",
    "sentinel-notes-pw",
    "storefront:storefront",
)


def initialized(app: Path) -> Specification:
    write(app, documents(inspect(app)), force=False)
    return load(app)


def test_the_storefront_gets_a_specification_that_loads(tmp_path: Path) -> None:
    specification = initialized(copy("storefront", tmp_path))
    frontend, backend = specification.frontend, specification.backend

    assert specification.name == "storefront"
    assert frontend is not None
    assert (frontend.path, frontend.workspace, frontend.kind) == ("apps/web", ".", "nextjs")
    assert (frontend.start, frontend.build) == (None, None)
    assert frontend.variables == {
        "NEXT_PUBLIC_API_URL": "${backend.url}",
        "API_INTERNAL_URL": "${backend.internal_url}",
    }
    assert backend is not None
    assert (backend.path, backend.application) == ("services/api", "main:app")
    assert (backend.route, backend.strip_route) == ("/api", True)
    assert (backend.health, backend.ready) == ("/healthz", None)
    assert backend.requirements == "requirements.txt"
    assert backend.variables == {
        "ALLOWED_ORIGINS": "${public.url}",
        "DATABASE_URL": "postgresql+psycopg://${database.user}:${database.password}"
        "@${database.host}:${database.port}/${database.name}",
        "SESSION_SECRET": "${secret.SESSION_SECRET}",
    }
    assert specification.database is not None
    assert specification.database.schema_owner == "application"
    assert specification.database.migrations is None
    assert list(specification.secrets) == ["SESSION_SECRET"]
    assert specification.secrets["SESSION_SECRET"].generate is not None
    requests = [step.request for flow in specification.smoke for step in flow.steps]
    assert requests == ["GET /", "GET /api/healthz"]


def test_the_notes_get_a_specification_that_loads(tmp_path: Path) -> None:
    app = copy("notes", tmp_path)
    specification = initialized(app)
    frontend, backend = specification.frontend, specification.backend

    assert frontend is not None
    assert (frontend.path, frontend.kind, frontend.output) == ("client", "static", "build")
    assert frontend.variables == {"VITE_API_URL": "${public.url}"}
    assert backend is not None
    assert (backend.path, backend.application) == ("server", "notes.main:app")
    assert (backend.route, backend.strip_route) == ("/api", False)
    assert (backend.health, backend.ready) == ("/api/health", None)
    assert backend.variables == {
        "PYTHONPATH": "src",
        "FRONTEND_URL": "${public.url}",
        "POSTGRES_DB": "${database.name}",
        "POSTGRES_PASSWORD": "${database.password}",
        "POSTGRES_PORT": "${database.port}",
        "POSTGRES_SERVER": "${database.host}",
        "POSTGRES_USER": "${database.user}",
        "SECRET_KEY": "${secret.SECRET_KEY}",
    }
    assert specification.database is not None
    assert specification.database.schema_owner == "migrations"
    assert specification.database.migrations is not None
    assert revisions(app, specification.database.migrations).head == "8e52b6d40c13"


def test_the_example_gets_a_specification_that_agrees_with_its_own(tmp_path: Path) -> None:
    own = load(Path("examples/todo"))
    texts = documents(inspect(Path("examples/todo")))
    for folder in ("frontend", "backend/alembic"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("alembic.ini", "requirements.txt"):
        content = Path("examples/todo/backend", file).read_text()
        (tmp_path / "backend" / file).write_text(content)
    write(tmp_path, texts, force=False)
    found = load(tmp_path)

    assert found.name == own.name
    assert found.database == own.database
    assert found.frontend is not None
    assert own.frontend is not None
    assert found.backend is not None
    assert own.backend is not None
    for key in ("path", "kind", "health"):
        assert getattr(found.frontend, key) == getattr(own.frontend, key)
    for key in ("path", "application", "route", "strip_route", "health", "ready", "metrics"):
        assert getattr(found.backend, key) == getattr(own.backend, key)
    for name in ("DATABASE_URL", "JWT_SECRET", "CORS_ORIGINS", "APP_RELEASE"):
        assert found.backend.variables[name] == own.backend.variables[name]


def test_migrations_that_the_backends_artifact_would_not_have_are_to_be_checked(
    tmp_path: Path,
) -> None:
    app = write_files(
        tmp_path,
        {
            "server/main.py": APP,
            "server/requirements.txt": "fastapi\nsqlalchemy\npsycopg2\n",
            "alembic.ini": "[alembic]\nscript_location = server/migrations\n",
            "server/migrations/env.py": "",
        },
    )
    checks = "\n".join(inspect(app).checks)

    assert "alembic.ini of the migrations is outside of the backend's folder server" in checks
    assert "server/migrations of the migrations" not in checks
    with pytest.raises(InvalidInput, match="2 problems"):
        initialized(app)


@pytest.mark.parametrize("name", ["storefront", "notes"])
def test_no_value_of_an_example_file_is_copied(tmp_path: Path, name: str) -> None:
    written = "\n".join(documents(inspect(copy(name, tmp_path))).values())

    assert [one for one in SENTINELS if one in written] == []
    assert ".env.example:" in written


def test_documents_are_never_overwritten_unless_forced(tmp_path: Path) -> None:
    app = copy("notes", tmp_path)
    texts = documents(inspect(app))
    write(app, texts, force=False)
    edited = app / "specs/deployment/application.md"
    edited.write_text("mine")

    with pytest.raises(InvalidInput, match=r"specs/deployment/application\.md") as caught:
        write(app, texts, force=False)

    assert "--force" in caught.value.hint
    assert edited.read_text() == "mine"
    write(app, texts, force=True)
    assert edited.read_text() == texts["specs/deployment/application.md"]


def test_a_conflict_with_one_document_writes_none_of_the_others(tmp_path: Path) -> None:
    app = copy("notes", tmp_path)
    texts = documents(inspect(app))
    (app / "specs/database").mkdir(parents=True)
    (app / "specs/database/database.md").touch()

    with pytest.raises(InvalidInput):
        write(app, texts, force=False)

    assert not (app / "specs/deployment").exists()


def test_a_folder_without_an_application_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Nothing\n")

    with pytest.raises(InvalidInput, match=r"is no application: found neither a package\.json"):
        inspect(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is no application: there is no such folder"):
        inspect(tmp_path / "nowhere")
