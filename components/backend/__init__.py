"""Platforms of the backend."""

PLATFORMS = {
    "local": "components.backend.local:LocalBackend",
}
