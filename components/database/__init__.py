"""Platforms of the database."""
