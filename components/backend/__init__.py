"""Platforms of the backend."""
