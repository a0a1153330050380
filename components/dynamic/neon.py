"""What the providers of Neon's resources share: the API, from the environment alone."""

from typing import Any

from pulumi.runtime import rpc

from clients.neon.transport import Api


def api() -> Api:
    """Return the API. Raise KeyMissing, saying what to set, where there is no key."""
    return Api.from_environment()


def changed(old: dict[str, Any], new: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    """List the keys whose values differ, or are not known yet."""
    return [key for key in keys if old.get(key) != new.get(key)]


def moved(old: dict[str, Any], new: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    """List the keys whose values differ for certain: what is unknown in a preview may not."""
    return [key for key in changed(old, new, keys) if new.get(key) != rpc.UNKNOWN]
