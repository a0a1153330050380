"""One Alembic revision, read from the syntax tree of its file."""

import ast
from dataclasses import dataclass
from pathlib import Path

from automation.errors import InvalidInput

NAMES = ("revision", "down_revision", "depends_on", "branch_labels")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision: `parents` come before it; `reversible` says whether its downgrade does a thing.

    `file` is relative to the application.
    """

    id: str
    parents: tuple[str, ...]
    depends_on: tuple[str, ...]
    labels: tuple[str, ...]
    message: str
    reversible: bool
    file: str


def read(path: Path, file: str) -> Revision | None:
    """Read a revision; None where a file declares none. Raise InvalidInput naming the key."""
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise InvalidInput(f"{file}: cannot be read as Python: {error}") from None
    declared = _declared(tree)
    if "revision" not in declared:
        return None
    values = {name: _strings(file, name, node) for name, node in declared.items()}
    if len(values["revision"]) != 1:
        raise _no_literal(file, "revision")
    document = ast.get_docstring(tree) or ""
    return Revision(
        id=values["revision"][0],
        parents=values.get("down_revision", ()),
        depends_on=values.get("depends_on", ()),
        labels=values.get("branch_labels", ()),
        message=document.splitlines()[0] if document else "",
        reversible=_does_something(tree, "downgrade"),
        file=file,
    )


def _declared(tree: ast.Module) -> dict[str, ast.expr]:
    found = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in NAMES:
                assert isinstance(node, ast.Assign | ast.AnnAssign)
                if node.value is not None:
                    found[target.id] = node.value
    return found


def _strings(file: str, name: str, node: ast.expr) -> tuple[str, ...]:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        raise _no_literal(file, name) from None
    values = (value,) if isinstance(value, str) else tuple(value or ())
    if not all(isinstance(one, str) for one in values):
        raise _no_literal(file, name)
    return values


def _no_literal(file: str, name: str) -> InvalidInput:
    return InvalidInput(
        f"{file}: {name}: expected a text, a tuple of texts or None, written out",
        hint="Revisions are read without running them, so their ids must be written as literals.",
    )


def _does_something(tree: ast.Module, name: str) -> bool:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return any(_acts(statement) for statement in node.body)
    return False


def _acts(statement: ast.stmt) -> bool:
    """Tell whether a statement is more than `pass`, `...`, a text, `return` or `raise`."""
    if isinstance(statement, ast.Pass | ast.Return | ast.Raise):
        return False
    return not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
