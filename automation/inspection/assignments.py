"""Decides what each variable of the application gets."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from automation.inspection.findings import Assignment, Reading
from automation.inspection.variables import Variable, understand
from components.contract.release import ServiceName

SCHEME = "{scheme}://${{database.user}}:${{database.password}}@${{database.host}}:${{database.port}}/${{database.name}}"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the value of a variable depends on besides its name.

    `examples` holds the addresses in example files, by variable, to see their paths;
    `server_paths`: the frontend's code itself writes the backend's prefix.
    """

    scheme: str | None
    has_backend: bool
    strip_route: bool
    server_paths: bool
    is_static: bool
    examples: dict[str, str]


def assign(service: ServiceName, reading: Reading, around: Surroundings) -> Assignment | None:
    """Return what a variable gets, or None where only an example file names it, to no end."""
    variable = understand(reading.name)
    value, why = _value(service, reading, variable, around)
    if value is None and reading.example:
        return None
    return Assignment(
        service=service,
        name=reading.name,
        source=reading.source,
        value=value,
        required=value is None and not reading.has_default,
        why=why,
    )


def _value(
    service: ServiceName, reading: Reading, variable: Variable, around: Surroundings
) -> tuple[str | None, str]:
    baked = service == "frontend" and (variable.baked or around.is_static)
    match variable.meaning:
        case "database_url" if not baked:
            if around.scheme is None:
                return "${database.url}", "the database"
            return SCHEME.format(scheme=around.scheme), f"the database, scheme {around.scheme}"
        case "database_part" if not baked:
            return f"${{database.{variable.part}}}", f"the database's {variable.part}"
        case "backend_url" | "internal_url" if around.has_backend:
            return _address(service, reading.name, variable, around, baked)
        case "public_url" | "public_host":
            value = "${public.url}" if variable.meaning == "public_url" else "${public.host}"
            return (f'["{value}"]' if reading.wants_list else value), "the public address"
        case "release" if not baked:
            return "${release.id}", "the release"
        case "version":
            return "${release.version}", "the version"
        case "environment" if not reading.has_default:
            return "${environment}", "the environment's name"
    return _secret(reading, variable)


def _address(
    service: ServiceName, name: str, variable: Variable, around: Surroundings, baked: bool
) -> tuple[str, str]:
    path = urlsplit(around.examples.get(name, "")).path.rstrip("/")
    server_side = variable.meaning == "internal_url" or service == "frontend"
    if server_side and not baked:
        return "${backend.internal_url}" + _below(path, around), "the backend, inside"
    if around.strip_route:
        return "${backend.url}" + path, "the backend"
    if path or around.server_paths:
        return "${public.url}" + path, "the backend; the code adds its path"
    return "${backend.url}", "the backend"


def _below(path: str, around: Surroundings) -> str:
    return path if around.strip_route else path.removeprefix("/api")


def _secret(reading: Reading, variable: Variable) -> tuple[str | None, str]:
    if variable.meaning == "generated":
        return f"${{secret.{reading.name}}}", "a secret that Slipway makes"
    if variable.meaning == "given" and not reading.has_default:
        return f"${{secret.{reading.name}}}", "a secret that the operator gives"
    if variable.meaning == "given":
        return None, "a secret of a third party; the code runs without it"
    if reading.has_default:
        return None, "the code has a default"
    return None, "no default, and nothing that Slipway provides"
