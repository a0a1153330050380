"""Evaluates texts in Python sources as far as that is possible without running them."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

from automation.inspection.tree import syntax


def constants(sources: Iterable[Path]) -> dict[str, str]:
    """Map names to the texts that modules and classes assign to them, such as API_PREFIX."""
    found: dict[str, str] = {}
    for path in sources:
        tree = syntax(path)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, value = node.targets[0], node.value
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                target, value = node.target, node.value
            else:
                continue
            text = value.value if isinstance(value, ast.Constant) else None
            if isinstance(target, ast.Name) and isinstance(text, str):
                found.setdefault(target.id, text)
    return found


def evaluate(node: ast.expr | None, known: Mapping[str, str]) -> str | None:
    """Return the text of an expression, or None where only running it would tell."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        return known.get(node.attr)
    if isinstance(node, ast.JoinedStr):
        parts = [
            evaluate(one.value if isinstance(one, ast.FormattedValue) else one, known)
            for one in node.values
        ]
        return None if None in parts else "".join(part or "" for part in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = evaluate(node.left, known), evaluate(node.right, known)
        return None if left is None or right is None else left + right
    return None
