"""Names that both sides know, without anything that takes time to load."""

PROJECT = "slipway"
"""Name of the Pulumi project and namespace of its keys."""
VARIABLES = "variables"
"""Namespace of values that override the specification's variables in one environment."""
SECRETS = "secrets"
"""Namespace of secrets given by the operator."""
ENVIRONMENTS = ("development", "staging", "production")
