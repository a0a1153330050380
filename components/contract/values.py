"""The values that references stand for, as far as they are the same for every replica."""

from collections.abc import Mapping

from components.contract import secret_versions
from components.contract.desired import Address, DesiredState
from components.contract.release import Release

DEFAULT_SSLMODE = "prefer"
SECRET = "secret."
"""What the references to secrets begin with."""


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


def values_for(release: Release, values: Mapping[str, str]) -> dict[str, str]:
    """Return all values as a release sees them: its name, and secrets in its versions of them."""
    secrets = {k.removeprefix(SECRET): v for k, v in values.items() if k.startswith(SECRET)}
    own = secret_versions.of_release(release, secrets)
    return {**values, **_referred(own), **release_values(release)}


def _referred(secrets: Mapping[str, str]) -> dict[str, str]:
    return {f"{SECRET}{name}": value for name, value in secrets.items()}


def database_values(database: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the database's references, secrets among them.

    A `sslmode` other than libpq's own default becomes part of the URL.
    """
    parts = {key: database[key] for key in ("host", "port", "name", "user", "password")}
    url = "postgresql://{user}:{password}@{host}:{port}/{name}".format(**parts)
    if (sslmode := database.get("sslmode", DEFAULT_SSLMODE)) != DEFAULT_SSLMODE:
        url += f"?sslmode={sslmode}"
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
    """Return all values but those of one release and one replica.

    `secrets` has current values by name and versions by their keys.
    """
    release = state.live_release() or next(iter(state.releases.values()), None)
    route = release.backend.route if release and release.backend else "/"
    return {
        **public_values(environment, address, route),
        "backend.internal_url": f"{internal_url}{route}".rstrip("/"),
        **database_values(database),
        **_referred(secrets),
    }
