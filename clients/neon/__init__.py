"""Neon's API, version 2: https://api-docs.neon.tech/reference (read 2026-11)."""
