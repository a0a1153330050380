"""Write HCL, Terraform's language. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
INDENT = "  "


@dataclass(frozen=True)
class Expression:
    """A value that Terraform computes, such as `aws_vpc.main.id`."""

    text: str


@dataclass(frozen=True)
class Template:
    """A text with expressions in it: parts in turn, texts as they are and expressions."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True)
class Block:
    """A block with its labels; `body` maps arguments to values, and blocks' names to Blocks."""

    labels: tuple[str, ...]
    body: Mapping[str, Any]


def block(kind: str, content: Block, depth: int = 0) -> str:
    """Write a block. A list of blocks in its body is that block several times."""
    indent = INDENT * depth
    head = " ".join([kind, *(_quoted(label) for label in content.labels)])
    lines = list(_body(content.body, depth + 1))
    if not lines:
        return f"{indent}{head} {{}}"
    return "\n".join([f"{indent}{head} {{", *lines, f"{indent}}}"])


def _body(body: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = INDENT * depth
    plain = {key: value for key, value in body.items() if not _is_block(value)}
    for key, each in plain.items():
        yield f"{indent}{key} = {value(each, depth)}"
    for key, each in body.items():
        if _is_block(each):
            for one in each if isinstance(each, list) else [each]:
                yield block(key, one, depth)


def _is_block(each: Any) -> bool:
    return isinstance(each, Block) or (
        isinstance(each, list) and bool(each) and all(isinstance(one, Block) for one in each)
    )


def value(each: Any, depth: int = 0) -> str:
    """Write a value."""
    if isinstance(each, Expression):
        return each.text
    if isinstance(each, Template):
        return _template(each)
    if isinstance(each, bool):
        return "true" if each else "false"
    if each is None:
        return "null"
    if isinstance(each, int | float):
        return f"{each:g}" if isinstance(each, float) else str(each)
    if isinstance(each, str):
        return _quoted(each)
    inside, outside = INDENT * (depth + 1), INDENT * depth
    if isinstance(each, list):
        if not each:
            return "[]"
        rows = [f"{inside}{value(one, depth + 1)}," for one in each]
        return "\n".join(["[", *rows, f"{outside}]"])
    if not each:
        return "{}"
    rows = [f"{inside}{_key(key)} = {value(one, depth + 1)}" for key, one in each.items()]
    return "\n".join(["{", *rows, f"{outside}}}"])


def _key(name: str) -> str:
    return name if IDENTIFIER.fullmatch(name) else _quoted(name)


def _template(text: Template) -> str:
    if len(text.parts) == 1 and isinstance(text.parts[0], Expression):
        return text.parts[0].text
    parts = (f"${{{p.text}}}" if isinstance(p, Expression) else _escaped(p) for p in text.parts)
    return f'"{"".join(parts)}"'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Return a text as it stands in quotes; what Terraform would compute is written twice."""
    plain = "".join(ESCAPES.get(letter, letter) for letter in text)
    return plain.replace("${", "$${").replace("%{", "%%{")
