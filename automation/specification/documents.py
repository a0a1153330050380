"""Reads the specification documents: Markdown files that begin with a YAML front matter."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from automation.specification.models import Specification
from automation.specification.problems import Problem, nearest

KINDS = ("deployment", "infrastructure", "database", "architecture", "security", "performance")
PROSE = ".spec-kit"
FENCE = "---"
MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Declarations:
    """What one document declares. `file` is relative to the application."""

    file: str
    kind: str
    values: dict[str, Any]


class _Strict(yaml.SafeLoader):
    """Refuse a key that is declared twice, where YAML would take the last one.

    And say where a value is that looks like a date or a number and is none.
    """

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:
            kind = node.tag.rpartition(":")[2]
            raise yaml.MarkedYAMLError(
                problem=f"`{node.value}` is no {kind}", problem_mark=node.start_mark
            ) from error

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        assert node is not None
        seen: set[str] = set()
        for key, _ in node.value:
            # A key that is itself a mapping, as in `{{ x }}`, is refused when it is constructed.
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.tag != MERGE and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key `{key.value}` is declared twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return node


def read(app: Path) -> tuple[list[Declarations], list[Problem]]:
    """Read all documents of an application, deployment documents first, and what is wrong."""
    found: list[Declarations] = []
    problems: list[Problem] = []
    for path in sorted((app / "specs").rglob("*.md")):
        inside = path.relative_to(app / "specs")
        if PROSE in inside.parts:
            continue
        one = _document(path, path.relative_to(app).as_posix(), inside.parts[0])
        if isinstance(one, Problem):
            problems.append(one)
        elif one is not None:
            found.append(one)
    return sorted(found, key=lambda document: KINDS.index(document.kind)), problems


def _document(path: Path, file: str, folder: str) -> Declarations | Problem | None:
    values = _front_matter(path, file)
    if values is None or isinstance(values, Problem):
        return values
    kind = values.pop("kind", folder if folder in KINDS else None)
    if kind is None:
        if not set(values) & set(Specification.model_fields):
            return None
        return Problem(
            file, "kind", "missing, and the folder does not say", f"one of {', '.join(KINDS)}"
        )
    if kind not in KINDS:
        return Problem(file, "kind", f"unknown kind {kind!r}", nearest(str(kind), KINDS))
    return Declarations(file, kind, values)


def _front_matter(path: Path, file: str) -> dict[str, Any] | Problem | None:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return Problem(file, "", f"cannot be read: {error}", "a text file in UTF-8")
    if not lines or lines[0].lstrip("\ufeff").rstrip() != FENCE:
        return None
    rest = [line.rstrip() for line in lines[1:]]
    if FENCE not in rest:
        return Problem(file, "", "the front matter does not end", f"close it with a line `{FENCE}`")
    try:
        # The line before keeps the line numbers of errors those of the file.
        text = "\n".join(["", *lines[1 : rest.index(FENCE) + 1]])
        values = yaml.load(text, Loader=_Strict)
    except yaml.YAMLError as error:
        return Problem(file, "", *_yaml_problem(error))
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        return Problem(file, "", "the front matter is no mapping", "lines such as `name: shop`")
    return values


def _yaml_problem(error: yaml.YAMLError) -> tuple[str, str]:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "the front matter is no YAML", "indent with spaces and quote special characters"
    where = f"line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"
    return f"{where}: {error.problem}", "valid YAML, with special characters in quotes"
