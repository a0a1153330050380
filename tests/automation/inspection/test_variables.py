"""What a variable means follows from its name and from how the code reads it."""

from pathlib import Path

import pytest

from automation.inspection.application import inspect
from automation.inspection.environment import readings
from automation.inspection.variables import understand
from tests.automation.inspection.tree import APP, package, write_files


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        ("DATABASE_URL DB_URL POSTGRES_URL SQLALCHEMY_DATABASE_URI ASYNC_DATABASE_URL PG_DSN",
         "database_url"),
        ("NEXT_PUBLIC_API_URL VITE_API_URL API_URL REACT_APP_BACKEND_URL VITE_API_BASE_URL",
         "backend_url"),
        ("API_INTERNAL_URL INTERNAL_API_URL BACKEND_INTERNAL_URL SERVER_API_URL", "internal_url"),
        ("FRONTEND_URL PUBLIC_URL CORS_ORIGINS ALLOWED_ORIGINS BACKEND_CORS_ORIGINS FRONTEND_HOST"
         " NEXT_PUBLIC_SITE_URL NEXTAUTH_URL", "public_url"),
        ("SECRET_KEY JWT_SECRET SESSION_SECRET NEXTAUTH_SECRET APP_SECRET JWT_SECRET_KEY",
         "generated"),
        ("OPENAI_API_KEY GITHUB_TOKEN SMTP_PASSWORD STRIPE_SECRET_KEY GOOGLE_CLIENT_SECRET"
         " AWS_SECRET_ACCESS_KEY STRIPE_WEBHOOK_SECRET", "given"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES LOG_LEVEL TEST_DATABASE_URL REDIS_HOST DB_POOL_SIZE"
         " NEXT_PUBLIC_STRIPE_KEY MONGO_DB_NAME", "unknown"),
    ],
)  # fmt: skip
def test_names_have_meanings(names: str, meaning: str) -> None:
    assert {name: understand(name).meaning for name in names.split()} == dict.fromkeys(
        names.split(), meaning
    )


@pytest.mark.parametrize(
    ("names", "part"),
    [
        ("POSTGRES_SERVER POSTGRES_HOST DB_HOST PGHOST DATABASE_HOST APP_DB_HOST", "host"),
        ("POSTGRES_PORT PGPORT DB_PORT", "port"),
        ("POSTGRES_DB DB_NAME PGDATABASE POSTGRES_DATABASE", "name"),
        ("POSTGRES_USER DB_USER PGUSER DB_USERNAME", "user"),
        ("POSTGRES_PASSWORD DB_PASSWORD PGPASSWORD DB_PASS", "password"),
    ],
)
def test_parts_of_a_database_address_are_told_apart(names: str, part: str) -> None:
    for name in names.split():
        assert (name, understand(name).part) == (name, part)


SOURCE = """
import os
from os import environ as ignored, getenv
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
A = os.environ["INDEXED"]
B = os.environ.get("GOT", "1")
C = os.getenv("GOT_PLAIN")
D = getenv("OR_DEFAULT") or "4"
os.environ["WRITTEN"] = "5"
def load(env=os.environ):
    return env["PASSED"], env.get("PASSED_DEFAULT", "")
class Base(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    name: str
    size: int = 3
class Special(Base):
    origins: list[str]
    renamed: str = Field(validation_alias="OTHER_NAME")
    factory: list[str] = Field(default_factory=list)
    _private: str = ""
"""


def test_python_sources_are_read_with_and_without_defaults(tmp_path: Path) -> None:
    write_files(tmp_path, {"settings.py": SOURCE})
    found = {one.name: one for one in readings(tmp_path, [tmp_path / "settings.py"])}

    assert {name: one.has_default for name, one in found.items()} == {
        "INDEXED": False,
        "GOT": True,
        "GOT_PLAIN": False,
        "OR_DEFAULT": True,
        "PASSED": False,
        "PASSED_DEFAULT": True,
        "SHOP_NAME": False,
        "SHOP_SIZE": True,
        "ORIGINS": False,
        "OTHER_NAME": False,
        "FACTORY": True,
    }
    assert found["ORIGINS"].wants_list
    assert found["INDEXED"].source == "settings.py:6"


def assigned(root: Path, code: str, **files: str) -> dict[str, str | None]:
    sources = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    write_files(
        root,
        {"requirements.txt": "fastapi\nuvicorn", "main.py": f"import os\n{APP}{code}\n", **sources},
    )
    return {one.name: one.value for one in inspect(root).assignments}


def test_a_variable_without_a_meaning_is_required_unless_the_code_has_a_default(
    tmp_path: Path,
) -> None:
    code = "os.environ['REGION']\nos.getenv('COLOUR', 'red')\nos.environ['ACME_API_KEY']"
    assigned(tmp_path, code)
    findings = inspect(tmp_path)

    assert [one.name for one in findings.assignments if one.required] == ["REGION"]
    assert findings.given == ("ACME_API_KEY",)


def test_the_scheme_of_an_example_is_kept_and_its_credentials_are_not(tmp_path: Path) -> None:
    example = "DATABASE_URL=postgresql+asyncpg://someone:hunter22@db/shop\n"
    (tmp_path / ".env.example").write_text(example)
    found = assigned(tmp_path, "os.environ['DATABASE_URL']")

    assert found["DATABASE_URL"] == (
        "postgresql+asyncpg://${database.user}:${database.password}"
        "@${database.host}:${database.port}/${database.name}"
    )


def test_an_application_that_names_the_driver_itself_gets_a_plain_address(tmp_path: Path) -> None:
    code = "os.environ['DATABASE_URL'].replace('postgresql://', 'postgresql+asyncpg://')"

    assert assigned(tmp_path, code)["DATABASE_URL"] == "${database.url}"


def test_a_driver_that_sqlalchemy_does_not_expect_is_named(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"pyproject.toml": '[project]\ndependencies = ["sqlmodel", "psycopg[binary]"]'}
    )
    value = assigned(tmp_path, "os.environ['DATABASE_URL']")["DATABASE_URL"]

    assert value is not None
    assert value.startswith("postgresql+psycopg://")


def test_a_setting_that_is_a_list_gets_one_as_json(tmp_path: Path) -> None:
    code = "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n"
    found = assigned(tmp_path, code + "    cors_origins: list[str] = []")

    assert found["CORS_ORIGINS"] == '["${public.url}"]'


def test_a_path_in_an_example_address_is_kept(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "web/package.json": package("next"),
            "web/a.ts": "process.env.NEXT_PUBLIC_API_URL; process.env.API_URL",
            ".env.example": "NEXT_PUBLIC_API_URL=http://localhost:8000/v1\n",
        },
    )
    found = assigned(tmp_path, "@app.get('/v1/items')\ndef items(): ...")

    assert found["NEXT_PUBLIC_API_URL"] == "${backend.url}/v1"
    assert found["API_URL"] == "${backend.internal_url}"


def test_no_database_is_invented(tmp_path: Path) -> None:
    assigned(tmp_path, "")

    assert inspect(tmp_path).database is None


def test_a_backend_beside_own_routes_of_next_gets_another_path(tmp_path: Path) -> None:
    write_files(tmp_path, {"web/package.json": package("next"), "web/app/api/me/route.ts": ""})
    assigned(tmp_path, "@app.get('/items')\ndef items(): ...")

    assert inspect(tmp_path).route == "/backend"
