"""Values in Terraform's language: references to other resources, and variables for the rest."""

import re
from collections.abc import Sequence
from typing import Any

from automation.manifests.declared import Plan, Resource
from automation.manifests.hcl import Expression, Template
from automation.manifests.references import PATTERN, found_in, variable
from automation.manifests.terraform_names import label, snake, type_name

OBJECT = "kubernetes:"
SETS = ("domain_validation_options",)
"""Attributes that are lists for the engine and sets for Terraform."""


class Values:
    """Knows what a reference is, and remembers the `variables` that it took for it."""

    def __init__(self, plan: Plan) -> None:
        self._resources = plan.by_name()
        self._lookups = {each.name: each for each in plan.lookups}
        self.variables: dict[str, dict[str, Any]] = {}

    def of(self, value: Any) -> Any:
        """Return a value with expressions instead of references."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.of(each) for each in value]
        if isinstance(value, dict):
            return {key: self.of(each) for key, each in value.items()}
        return value

    def secret(self, name: str, names: Sequence[str]) -> Expression:
        """Return a variable for a secret: a text, or a map where it has `names`."""
        about = f"Has {', '.join(names)}." if names else "A secret."
        return self._variable(name, about, "map(string)" if names else "string", sensitive=True)

    def address(self, name: str) -> str | None:
        """Return the address of a resource, or None where Terraform has none for it."""
        each = self._resources.get(name)
        if each is None or each.type.startswith("pulumi"):
            return None
        kind = (
            ("kubernetes_secret_v1" if each.type.endswith(":Secret") else "kubernetes_manifest")
            if each.type.startswith(OBJECT)
            else type_name(each.type)
        )
        return f"{kind}.{label(name)}"

    def mentioned_by(self, each: Resource) -> set[str]:
        """Return the names of the resources that a resource refers to."""
        return {name for name, _path in found_in(each.inputs)}

    def _text(self, text: str) -> str | Template:
        parts: list[str | Expression] = []
        end = 0
        for found in PATTERN.finditer(text):
            if found.start() > end:
                parts.append(text[end : found.start()])
            parts.append(self._reference(found.group(1), found.group(2)))
            end = found.end()
        if not parts:
            return text
        return Template((*parts, *([text[end:]] if text[end:] else [])))

    def _reference(self, name: str, path: str) -> Expression:
        if name in self._lookups:
            kind = type_name(self._lookups[name].token)
            return Expression(f"data.{kind}.{label(name)}.{_path(path)}")
        address = self.address(name)
        if address is not None:
            return Expression(_indexed(f"{address}.{_path(path)}"))
        said = variable(name, path).lower()
        secret = name == "secret" or "password" in path
        return self._variable(said, f"{path} of {name}.", "string", sensitive=secret)

    def _variable(self, name: str, about: str, kind: str, *, sensitive: bool) -> Expression:
        self.variables[name] = {
            "description": about,
            "type": Expression(kind),
            **({"sensitive": True} if sensitive else {}),
        }
        return Expression(f"var.{name}")


def _indexed(expression: str) -> str:
    """Return an expression that takes an element of a set by its number, which none has."""
    for name in SETS:
        expression = re.sub(rf"^(\S+\.{name})\[", r"tolist(\1)[", expression)
    return expression


def _path(path: str) -> str:
    """Return the path of a property; an object of the engine's is a list of one block."""
    first, *rest = path.split(".")
    parts = [snake(first)]
    for each in rest:
        # `names[0].x` says which already
        parts[-1] += "" if parts[-1].endswith("]") else "[0]"
        parts.append(snake(each))
    return re.sub(r"\s", "", ".".join(parts))
