"""Read `Pulumi.<stack>.yaml` before any engine runs, so that a mistake costs nothing."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from automation.environments import check_environment
from automation.errors import InvalidInput
from automation.home import PROJECT, Home
from components.contract.names import PROJECT as NAMESPACE
from components.contract.names import SECRETS, VARIABLES
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
    content = _content(path)
    shared = frozenset(key.removeprefix(f"{SECRETS}:") for key in _secrets(content))
    own = Home.locate().environment(environment) / path.name
    if own.exists():
        config = {**_secrets(_content(own)), **(content.get("config") or {})}
        content = {**content, "config": config}
    problems = _unknown(content, TOP_LEVEL, f"{path.name}: unknown key ")
    by_namespace: dict[str, dict[str, Any]] = {}
    for key, value in (content.get("config") or {}).items():
        namespace, _, name = str(key).rpartition(":")
        by_namespace.setdefault(namespace or NAMESPACE, {})[name] = value
    known = (NAMESPACE, VARIABLES, SECRETS, *PROVIDERS)
    problems += _unknown(by_namespace, known, f"{path.name}: unknown namespace ")
    variables, given = by_namespace.get(VARIABLES, {}), by_namespace.get(SECRETS, {})
    for name, value in variables.items():
        if isinstance(value, dict | list):
            problems.append(f"{path.name}: {VARIABLES}:{name}: expected a plain value")
    for name, value in given.items():
        if not (isinstance(value, dict) and "secure" in value):
            problems.append(
                f"{path.name}: {SECRETS}:{name}: holds a secret in the clear; set it with "
                f"`pulumi config set --secret {SECRETS}:{name}`"
            )
    try:
        settings = settings_from(by_namespace.get(NAMESPACE, {}), path.name)
    except SettingsInvalid as error:
        problems += error.problems
    if problems:
        raise InvalidInput(f"{path.name} is not valid", details=tuple(problems))
    plain = {name: str(value) for name, value in variables.items()}
    return StackFile(settings, plain, given=frozenset(given), shared=shared)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise InvalidInput(f"{path.name} is missing in {path.parent}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", error)
        raise InvalidInput(f"{path.name}{where}: not valid YAML: {problem}") from None
    if content is not None and not isinstance(content, dict):
        raise InvalidInput(f"{path.name}: expected a mapping with `config`")
    if content and not isinstance(content.get("config") or {}, dict):
        raise InvalidInput(f"{path.name}: config: expected a mapping of keys to values")
    return content or {}


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
