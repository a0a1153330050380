"""Platforms of the database."""

PLATFORMS = {
    "local": "components.database.local:LocalDatabase",
}
