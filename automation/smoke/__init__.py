"""Smoke flows: what the specification declares, run as real users through the public address."""
