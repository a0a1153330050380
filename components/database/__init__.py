"""Platforms of the database."""

PLATFORMS = {
    "local": "components.database.local:LocalDatabase",
    "neon": "components.database.neon:NeonDatabase",
}
