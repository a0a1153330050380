"""Platforms of the frontend."""

PLATFORMS = {
    "local": "components.frontend.local:LocalFrontend",
}
