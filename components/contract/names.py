"""Names that both sides know, without anything that takes time to load."""

import re
from pathlib import PurePosixPath

PROJECT = "slipway"
"""Name of the Pulumi project and namespace of its keys."""
VARIABLES = "variables"
"""Namespace of values that override the specification's variables in one environment."""
SECRETS = "secrets"
"""Namespace of secrets given by the operator."""
ENVIRONMENTS = ("development", "staging", "production")

APPLICATION_LENGTH = 24
"""Of the application's part in a name: with environment and noun it stays within 63 characters."""


def plain(application: str) -> str:
    """Return the name of an application's folder in lower-case letters, digits and hyphens."""
    folder = PurePosixPath(application).name.lower()
    short = re.sub(r"[^a-z0-9]+", "-", folder).strip("-")[:APPLICATION_LENGTH].strip("-")
    return short or PROJECT


def prefix(application: str, environment: str) -> str:
    """Return how the names of physical resources begin: `<application>-<environment>`."""
    return f"{plain(application)}-{environment}"
