"""The backend is found by its syntax, whatever its layout."""

from pathlib import Path

import pytest

from automation.inspection.backend import find
from automation.inspection.findings import FoundBackend
from tests.automation.inspection.tree import APP, write_files


def backend(root: Path, files: dict[str, str]) -> FoundBackend:
    found, _ = find(write_files(root, dict(files)))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("file", "requirements", "path", "application", "import_path"),
    [
        ("main.py", "requirements.txt", ".", "main:app", None),
        ("api/main.py", "api/requirements.txt", "api", "main:app", None),
        ("a/b/c/server.py", "a/b/c/requirements.txt", "a/b/c", "server:app", None),
        ("be/src/shop/main.py", "be/pyproject.toml", "be", "shop.main:app", "src"),
        ("be/app/main.py", "be/requirements.txt", "be", "app.main:app", None),
        ("be/shop/__init__.py", "be/requirements.txt", "be", "shop:app", None),
    ],
)
def test_the_application_is_found_in_any_layout(
    tmp_path: Path, file: str, requirements: str, path: str, application: str, import_path: str
) -> None:
    files = {file: APP, requirements: "" if requirements.endswith(".toml") else "fastapi\n"}
    if "/" in file and Path(file).parent.name in ("shop", "app"):
        files.setdefault(str(Path(file).parent / "__init__.py"), "")
    found = backend(tmp_path, files)

    assert (found.path, found.application, found.import_path) == (path, application, import_path)


def test_a_module_that_imports_its_neighbours_is_started_in_its_own_folder(tmp_path: Path) -> None:
    files = {"requirements.txt": "fastapi", "code/main.py": "import models\n" + APP}
    found = backend(tmp_path, files | {"code/models.py": ""})

    assert (found.application, found.import_path) == ("main:app", "code")


def test_a_relative_import_keeps_the_package(tmp_path: Path) -> None:
    files = {"requirements.txt": "fastapi", "shop/main.py": "from . import models\n" + APP}
    found = backend(tmp_path, files | {"shop/models.py": ""})

    assert (found.application, found.import_path) == ("shop.main:app", None)


def test_a_factory_is_noted_and_an_application_is_preferred(tmp_path: Path) -> None:
    factory = "import fastapi\ndef create_app():\n    made = fastapi.FastAPI()\n    return made\n"
    found = backend(tmp_path, {"requirements.txt": "fastapi", "shop.py": factory})
    assert (found.application, found.factory) == ("shop:create_app", True)

    found = backend(tmp_path, {"main.py": "from shop import create_app\napp = create_app()\n"})
    assert (found.application, found.factory) == ("main:app", False)


def test_an_application_in_a_test_or_an_installed_package_is_not_taken(tmp_path: Path) -> None:
    write_files(tmp_path, {"tests/main.py": APP, ".venv/lib/x/main.py": APP, "test_main.py": APP})

    assert find(tmp_path) == (None, [])


def test_requirements_come_from_the_lock_or_else_from_the_list(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[project]\ndependencies = ["fastapi"]', "main.py": APP}
    found, checks = find(write_files(tmp_path, dict(files)))
    assert found is not None
    assert any("neither a lock file nor" in one for one in checks)

    found = backend(tmp_path, {"requirements/prod.txt": "fastapi"})
    assert found.requirements == "requirements/prod.txt"

    found = backend(tmp_path, {"uv.lock": "version = 1"})
    assert (found.requirements, found.lockfile) == (None, "uv.lock")


@pytest.mark.parametrize(
    ("routes", "health", "ready"),
    [
        ('@app.get("/health")\ndef a(): ...', "/health", None),
        ('@app.get("/healthz")\ndef a(): ...\n@app.get("/readyz")\ndef b(): ...',
         "/healthz", "/readyz"),
        ('@app.get("/health/live")\ndef a(): ...\n@app.get("/health/ready")\ndef b(): ...',
         "/health/live", "/health/ready"),
        ('@app.post("/health")\ndef a(): ...', None, None),
        ('@app.get("/")\ndef a(): ...', None, None),
        ('app.add_api_route("/ping", print)', "/ping", None),
    ],
)  # fmt: skip
def test_health_endpoints_are_read_from_the_routes(
    tmp_path: Path, routes: str, health: str | None, ready: str | None
) -> None:
    found = backend(tmp_path, {"requirements.txt": "fastapi", "main.py": f"{APP}{routes}\n"})

    assert (found.health, found.ready) == (health, ready)


def test_prefixes_add_up_over_modules_and_constants(tmp_path: Path) -> None:
    found = backend(
        tmp_path,
        {
            "pyproject.toml": "",
            "app/__init__.py": "",
            "app/config.py": "class Settings:\n    API: str = '/api/v1'\n",
            "app/main.py": "from fastapi import FastAPI\nfrom app.config import settings\n"
            "from app.api.all import api_router\n"
            "app = FastAPI()\napp.include_router(api_router, prefix=settings.API)\n",
            "app/api/__init__.py": "",
            "app/api/all.py": "from fastapi import APIRouter\nfrom app.api.routes import utils\n"
            "api_router = APIRouter()\napi_router.include_router(utils.router)\n",
            "app/api/routes/__init__.py": "",
            "app/api/routes/utils.py": "from fastapi import APIRouter\n"
            "router = APIRouter(prefix='/utils')\n"
            "@router.get('/health-check/')\nasync def health(): ...\n"
            "@router.get('/things')\nasync def things(): ...\n",
        },
    )

    assert found.health == "/api/v1/utils/health-check/"
    assert found.prefixed


def test_routes_without_the_prefix_are_told_apart(tmp_path: Path) -> None:
    text = APP + '@app.get("/items")\ndef a(): ...\n@app.get("/health")\ndef b(): ...\n'

    assert not backend(tmp_path, {"requirements.txt": "fastapi", "main.py": text}).prefixed


def test_a_mixture_of_prefixes_is_left_to_a_person(tmp_path: Path) -> None:
    text = APP + "".join(f'@app.get("{p}")\ndef a(): ...\n' for p in ("/api/a", "/api/b", "/hook"))
    found, checks = find(
        write_files(tmp_path, {"requirements.txt": "fastapi\nuvicorn", "main.py": text})
    )

    assert found is not None
    assert found.prefixed
    assert checks[-1] == "some routes have the prefix /api and some have not: /hook"
