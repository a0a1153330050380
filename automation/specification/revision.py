"""One Alembic revision, read from the syntax tree of its file."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

from automation.errors import InvalidInput
from automation.specification.downgrade import irreversible_because
from automation.specification.marker import Marker, read_marker

NAMES = ("revision", "down_revision", "depends_on", "branch_labels")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision: `parents` come before it; `irreversible_because` is empty where it goes back.

    `file` is relative to the application.
    """

    id: str
    parents: tuple[str, ...]
    depends_on: tuple[str, ...]
    labels: tuple[str, ...]
    message: str
    irreversible_because: str
    file: str
    marker: Marker = field(default_factory=Marker)

    @property
    def reversible(self) -> bool:
        """Tell whether its downgrade does something."""
        return not self.irreversible_because


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
        irreversible_because=irreversible_because(tree),
        file=file,
        marker=read_marker(tree, file),
    )


def _declared(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: value
        for node in tree.body
        for target, value in _assigned(node)
        if isinstance(target, ast.Name) and target.id in NAMES
    }


def _assigned(node: ast.stmt) -> list[tuple[ast.expr, ast.expr]]:
    """Return what a statement assigns to what; `a, b = 1, 2` is two assignments."""
    if isinstance(node, ast.AnnAssign):
        return [(node.target, node.value)] if node.value is not None else []
    found: list[tuple[ast.expr, ast.expr]] = []
    for target in node.targets if isinstance(node, ast.Assign) else ():
        assert isinstance(node, ast.Assign)
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            found += zip(target.elts, node.value.elts, strict=False)
        else:
            found.append((target, node.value))
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
