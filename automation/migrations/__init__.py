"""Migrations: where the database is, how it gets to the new release, and how it gets back."""
