"""The values that references stand for, as far as they are the same for every replica."""

from collections.abc import Mapping

from components.contract.desired import Address, DesiredState
from components.contract.release import Release


def public_values(environment: str, address: Address, route: str) -> dict[str, str]:
    """Return the values that may be baked into a build. `route` is the backend's."""
    return {
        "environment": environment,
        "public.url": address.url,
        "public.host": address.host,
        "public.port": str(address.port),
        "frontend.url": address.url,
        "backend.url": f"{address.url}{route}".rstrip("/"),
    }


def release_values(release: Release) -> dict[str, str]:
    """Return the values that name a release."""
    return {
        "release.id": release.id,
        "release.version": release.version,
        "release.commit": release.commit or "",
    }


def database_values(database: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the database's references, secrets among them."""
    parts = {key: database[key] for key in ("host", "port", "name", "user", "password")}
    url = "postgresql://{user}:{password}@{host}:{port}/{name}".format(**parts)
    return {"database.url": url, **{f"database.{key}": value for key, value in parts.items()}}


def reference_values(
    environment: str,
    state: DesiredState,
    address: Address,
    *,
    internal_url: str,
    database: Mapping[str, str],
    secrets: Mapping[str, str],
) -> dict[str, str]:
    """Return all values but those of one release and one replica."""
    release = state.live_release() or next(iter(state.releases.values()), None)
    route = release.backend.route if release and release.backend else "/"
    return {
        **public_values(environment, address, route),
        "backend.internal_url": f"{internal_url}{route}".rstrip("/"),
        **database_values(database),
        **{f"secret.{name}": value for name, value in secrets.items()},
    }
