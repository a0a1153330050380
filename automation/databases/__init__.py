"""Platforms of the database, as the driver uses them: backups, copies, and the way back."""

DATABASES = {
    "local": "automation.databases.local:LocalDatabase",
    "neon": "automation.databases.neon:NeonDatabase",
}
