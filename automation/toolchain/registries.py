"""The package index that a machine is set up to use, told to uv in uv's own words.

pip reads its configuration files and `PIP_*`; uv reads neither. Standard library only: the
launcher runs this before anything is installed.
"""

import ast
import subprocess
from collections.abc import Iterable, Mapping

EQUIVALENTS: Mapping[str, tuple[str, str]] = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
}
"""pip's setting -> uv's variable and what separates its values."""
SECTIONS = ("global", "install", ":env:")
"""In the order in which pip lets one override the other."""


def uv_settings(pip: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make uv use pip's index, but for those already set.

    `pip` is the output of `pip config list`, line by line. Values may hold credentials: they
    are for the environment of a process, never for a log.
    """
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in pip:
        name, separator, value = line.partition("=")
        section, dot, key = name.strip().partition(".")
        if separator and dot and section in found:
            found[section][key] = _unquoted(value.strip())
    settings: dict[str, str] = {}
    for section in SECTIONS:
        for key, value in found[section].items():
            if key in EQUIVALENTS and value.split():
                variable, joint = EQUIVALENTS[key]
                settings[variable] = joint.join(value.split())
    if "UV_INDEX" in settings:
        # pip takes the best version of all indexes; uv would stop at the first that has any.
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in settings.items() if name not in environment}


def read_pip_settings(python: str, environment: Mapping[str, str]) -> list[str]:
    """Ask the pip of an interpreter for its settings; none where it has no pip."""
    try:
        answer = subprocess.run(
            [python, "-m", "pip", "config", "list"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=dict(environment),
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return answer.stdout.splitlines() if answer.returncode == 0 else []


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (SyntaxError, ValueError):
        return value
