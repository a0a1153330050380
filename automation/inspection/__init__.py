"""Inspects an application that has no specification, and writes one for a person to review."""
