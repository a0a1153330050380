"""What the API refuses before it does anything: fields, sizes and names."""

import re
from typing import Any

Json = dict[str, Any]
REGIONS = ("aws-us-east-1", "aws-us-east-2", "aws-us-west-2", "aws-eu-central-1", "aws-eu-west-2")
VERSIONS = range(14, 19)
NAME_LENGTH, IDENTIFIER_BYTES = 256, 63
HISTORY_SECONDS = 2_592_000
SUSPEND_SECONDS = (60, 604_800)
COMPUTE = {
    "autoscaling_limit_min_cu",
    "autoscaling_limit_max_cu",
    "suspend_timeout_seconds",
}
RESERVED_ROLES = ("neon_superuser", "cloud_admin", "public", "none", "web_access")
RESERVED_DATABASES = ("postgres", "template0", "template1")


class ApiError(Exception):
    """An answer other than the wanted one."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


def fields(body: Any, key: str, allowed: set[str], required: set[str] = frozenset()) -> Json:  # type: ignore[assignment]
    """Return what is under a key of a body. Refuse what the API does not know."""
    if not isinstance(body, dict) or not isinstance(body.get(key, {}), dict):
        raise ApiError(400, f"request body must be an object with {key}")
    given = dict(body.get(key, {}))
    known(given, allowed, f"{key}.")
    for name in sorted(required - given.keys()):
        raise ApiError(400, f'field "{key}.{name}" is required')
    return given


def known(given: Json, allowed: set[str], prefix: str = "") -> None:
    for name in sorted(given.keys() - allowed):
        raise ApiError(400, f'unknown field "{prefix}{name}"')


def name(given: str, what: str, longest: int = NAME_LENGTH) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= longest:
        raise ApiError(400, f"{what} must have 1 to {longest} characters")
    return given


def identifier(given: str, what: str, reserved: tuple[str, ...]) -> str:
    if not isinstance(given, str) or not 1 <= len(given.encode()) <= IDENTIFIER_BYTES:
        raise ApiError(400, f"{what} name cannot exceed {IDENTIFIER_BYTES} bytes in length")
    if given in reserved or given.startswith("pg_"):
        raise ApiError(400, f"{what} name {given!r} is reserved")
    return given


def compute(given: Json) -> Json:
    low, high = (given.get(f"autoscaling_limit_{end}_cu") for end in ("min", "max"))
    for limit in (low, high):
        if limit is not None and (not isinstance(limit, int | float) or limit < 0.25):
            raise ApiError(400, "the minimum number of compute units is 0.25")
    if low is not None and high is not None and low > high:
        raise ApiError(400, "autoscaling_limit_min_cu is greater than autoscaling_limit_max_cu")
    seconds = given.get("suspend_timeout_seconds", 0)
    least, most = SUSPEND_SECONDS
    if seconds not in (-1, 0) and not least <= seconds <= most:
        raise ApiError(400, f"suspend_timeout_seconds: expected {least} to {most}, 0 or -1")
    return given


def project(given: Json) -> Json:
    if "name" in given:
        name(given["name"], "project name")
    if given.get("region_id", REGIONS[0]) not in REGIONS:
        raise ApiError(400, f"unknown region {given['region_id']!r}")
    if given.get("pg_version", VERSIONS[-1]) not in VERSIONS:
        raise ApiError(400, f"unsupported pg_version {given['pg_version']}")
    if not 0 <= given.get("history_retention_seconds", 0) <= HISTORY_SECONDS:
        raise ApiError(400, f"history_retention_seconds: expected 0 to {HISTORY_SECONDS}")
    if not re.fullmatch(r"[a-z0-9-]{1,60}", given.get("org_id", "a")):
        raise ApiError(400, "org_id is not valid")
    defaults = given.get("default_endpoint_settings", {})
    known(defaults, {*COMPUTE, "pg_settings"}, "default_endpoint_settings.")
    compute(defaults)
    return given
