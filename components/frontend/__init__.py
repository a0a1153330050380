"""Platforms of the frontend."""
