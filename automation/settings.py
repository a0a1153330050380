"""Read `Pulumi.<stack>.yaml` before any engine runs, so that a mistake costs nothing."""

import contextlib
import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation import stack_file
from automation.engine import kept
from automation.environments import check_environment
from automation.errors import InvalidInput
from automation.home import PROJECT, Home
from components.contract.names import ENVIRONMENTS, SECRETS, VARIABLES
from components.contract.names import PROJECT as NAMESPACE
from components.contract.settings import Settings
from components.contract.settings_file import SettingsInvalid, settings_from

PROVIDERS = ("aws", "kubernetes", "vercel", "random", "pulumi")
"""Namespaces of the engine's own and of the providers that Slipway uses."""
TOP_LEVEL = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")


@dataclass(frozen=True)
class StackFile:
    """`variables` override the specification's; `given` names the secrets that are set, `shared`
    those among them that are set in the checked-in file."""

    settings: Settings
    variables: dict[str, str]
    given: frozenset[str]
    shared: frozenset[str] = frozenset()


def load(environment: str, root: Path = PROJECT) -> StackFile:
    """Read and validate the file of an environment. Raise InvalidInput with every problem.

    Secrets that were set for this installation alone are read from the engine's copy of it.
    """
    check_environment(environment)
    path = root / f"Pulumi.{environment}.yaml"
    content = stack_file.read(path, path.name)
    shared = frozenset(key.removeprefix(f"{SECRETS}:") for key in _secrets(content))
    own = _secrets(kept.read(Home.locate().environment(environment) / path.name))
    content = {**content, "config": {**own, **(content.get("config") or {})}}
    problems = _unknown(content, TOP_LEVEL, f"{path.name}: unknown key ")
    by_namespace: dict[str, dict[str, Any]] = {}
    for key, value in (content.get("config") or {}).items():
        namespace, _, name = str(key).rpartition(":")
        by_namespace.setdefault(namespace or NAMESPACE, {})[name] = value
    known = (NAMESPACE, VARIABLES, SECRETS, *PROVIDERS)
    problems += _unknown(by_namespace, known, f"{path.name}: unknown namespace ")
    variables, refused = _variables(by_namespace.get(VARIABLES, {}), path)
    problems += refused
    given = by_namespace.get(SECRETS, {})
    for name, value in given.items():
        if not (isinstance(value, dict) and "secure" in value):
            problems.append(
                f"{path.name}: {SECRETS}:{name}: holds a secret in the clear; remove the line, "
                f"then set it {how_to_encrypt(environment, name)}"
            )
    try:
        settings = settings_from(by_namespace.get(NAMESPACE, {}), path.name)
    except SettingsInvalid as error:
        problems += error.problems
    if problems:
        raise InvalidInput(f"{path.name} is not valid", details=tuple(problems))
    return StackFile(settings, variables, given=frozenset(given), shared=shared)


def asking(wants: Callable[[Settings], bool], root: Path = PROJECT) -> list[str]:
    """List the environments whose settings want something; what is not valid is passed over."""
    found = []
    for environment in ENVIRONMENTS:
        with contextlib.suppress(InvalidInput):  # its own commands say what is wrong there
            if wants(load(environment, root).settings):
                found.append(environment)
    return found


def how_to_encrypt(environment: str, name: str) -> str:
    """Say how a secret is set in the file that is checked in, which counts more than any other."""
    return (
        f"after `./slipway env {environment}`: pulumi config set --secret {SECRETS}:{name} "
        f"--stack {environment} --config-file Pulumi.{environment}.yaml"
    )


def _variables(given: dict[str, Any], path: Path) -> tuple[dict[str, str], list[str]]:
    """Return the values as they are written, and what is refused: YAML reads another value."""
    written = stack_file.written(path, path.name) if given else {}
    plain: dict[str, str] = {}
    problems = []
    for name, value in given.items():
        key = f"{VARIABLES}:{name}"
        # 01234 and 1_000 are numbers too, but other ones than they look like
        if isinstance(value, str) or (type(value) is int and str(value) == written.get(key)):
            plain[name] = str(value)
        elif isinstance(value, dict | list):
            problems.append(f"{path.name}: {key}: expected a plain value")
        else:
            problems.append(f"{path.name}: {key}: YAML reads no text here; write it in quotes")
    return plain, problems


def _secrets(content: dict[str, Any]) -> dict[str, Any]:
    found = content.get("config") or {}
    return {key: value for key, value in found.items() if str(key).startswith(f"{SECRETS}:")}


def _unknown(keys: Any, known: tuple[str, ...], prefix: str) -> list[str]:
    problems = []
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            problems.append(f"{prefix}{key}; {remedy}")
    return problems
