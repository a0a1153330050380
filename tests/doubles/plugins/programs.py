"""The providers that have doubles, and the programs that the engine finds on PATH."""

import importlib
import sys
from pathlib import Path

from tests.doubles.plugins.provider import Provider

PROVIDERS = {
    "aws": "tests.doubles.plugins.aws.provider:Aws",
    "kubernetes": "tests.doubles.plugins.kubernetes:Kubernetes",
    "random": "tests.doubles.plugins.random_values:Random",
    "vercel": "tests.doubles.plugins.vercel:Vercel",
}
ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """#!/bin/sh
# What the engine starts when it needs the provider {package}.
PYTHONPATH='{root}' exec '{python}' -P -m tests.doubles.plugins.server {package}
"""


def install(folder: Path) -> None:
    """Write a program for every provider into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PROVIDERS:
        script = folder / f"pulumi-resource-{package}"
        script.write_text(SCRIPT.format(package=package, root=ROOT, python=sys.executable))
        script.chmod(0o755)


def load(package: str) -> type[Provider]:
    """Return the class of a provider."""
    module, _, name = PROVIDERS[package].partition(":")
    found: type[Provider] = getattr(importlib.import_module(module), name)
    return found
