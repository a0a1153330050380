"""Values that look like credentials are reported by place and name, never by value."""

from pathlib import Path

import pytest

from automation.inspection.credentials import Sighting, scan
from tests.automation.inspection.tree import write_files


@pytest.mark.parametrize(
    "line",
    [
        "JWT_SECRET=h7Gq2mZ0pL4x",
        "export DB_PASSWORD='hunter22'",
        "DATABASE_URL=postgresql://me:hunter22@localhost/db",
        "PAYMENT=sk_live_51Habc",
        "SERVICE_API_KEY: abc123def  # a comment",
    ],
)
def test_what_looks_like_a_credential_is_seen(tmp_path: Path, line: str) -> None:
    write_files(tmp_path, {".env": f"# first line\n{line}\n"})
    (seen,) = scan(tmp_path)

    assert (seen.file, seen.line) == (".env", 2)
    assert seen.name in line


@pytest.mark.parametrize(
    "line",
    [
        "JWT_SECRET=",
        "JWT_SECRET=<at least 32 random characters>",
        "SECRET_KEY=changethis",
        "API_KEY=your-api-key",
        "DB_PASSWORD=${DB_PASSWORD}",
        "DATABASE_URL=postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        "API_URL=http://localhost:8000",
        "ACCESS_TOKEN_MINUTES=15",
        "# JWT_SECRET=h7Gq2mZ0pL4x",
    ],
)
def test_a_placeholder_is_not_taken_for_a_credential(tmp_path: Path, line: str) -> None:
    assert scan(write_files(tmp_path, {".env.example": line})) == []


def test_all_environment_and_compose_files_are_looked_at(tmp_path: Path) -> None:
    secret = "API_TOKEN=h7Gq2mZ0pL4x\n"
    write_files(
        tmp_path,
        {
            ".env.local": secret,
            "deep/er/.env.production": secret,
            "docker-compose.yml": "services:\n  a:\n    environment:\n"
            "      POSTGRES_PASSWORD: hunter22\n      - SESSION_SECRET=hunter22\n",
            "node_modules/x/.env": secret,
            "main.py": secret,
        },
    )

    assert [(one.file, one.line) for one in scan(tmp_path)] == [
        (".env.local", 1),
        ("docker-compose.yml", 4),
        ("docker-compose.yml", 5),
        ("deep/er/.env.production", 1),
    ]


def test_a_sighting_has_no_place_for_the_value() -> None:
    assert list(Sighting.__dataclass_fields__) == ["file", "line", "name"]
