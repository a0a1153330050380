"""The environment variables of the backend, read once and checked at start."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass

REQUIRED = ("DATABASE_URL", "JWT_SECRET")
SHORTEST_SECRET = 32


class SettingsError(ValueError):
    """The environment is incomplete or holds a value that cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    database_url: str
    jwt_secret: str
    cors_origins: tuple[str, ...]
    access_token_minutes: int
    refresh_token_days: int
    log_level: str
    release: str | None


def load(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings, or raise one error that names all missing variables."""
    missing = [name for name in REQUIRED if not env.get(name)]
    if missing:
        raise SettingsError(f"missing environment variables: {', '.join(missing)}")
    if len(env["JWT_SECRET"]) < SHORTEST_SECRET:
        raise SettingsError(f"JWT_SECRET: expected at least {SHORTEST_SECRET} characters")
    return Settings(
        database_url=sqlalchemy_url(env["DATABASE_URL"]),
        jwt_secret=env["JWT_SECRET"],
        cors_origins=_list(env.get("CORS_ORIGINS", "")),
        access_token_minutes=_positive(env, "ACCESS_TOKEN_MINUTES", 15),
        refresh_token_days=_positive(env, "REFRESH_TOKEN_DAYS", 7),
        log_level=_log_level(env.get("LOG_LEVEL") or "info"),
        release=env.get("APP_RELEASE") or None,
    )


def sqlalchemy_url(url: str) -> str:
    """Name the driver in a plain Postgres address."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise SettingsError("DATABASE_URL: expected postgresql://user:password@host:port/database")
    return f"postgresql+psycopg://{rest}"


def _list(value: str) -> tuple[str, ...]:
    return tuple(item.strip().rstrip("/") for item in value.split(",") if item.strip())


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    if not value.isdecimal() or int(value) == 0:
        raise SettingsError(f"{name}: expected a whole number above 0, got {value!r}")
    return int(value)


def _log_level(value: str) -> str:
    level = value.upper()
    if level not in logging.getLevelNamesMapping():
        raise SettingsError(f"LOG_LEVEL: expected debug, info, warning or error, got {value!r}")
    return level
