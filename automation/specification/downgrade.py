"""Whether a revision can be taken back, read from its syntax tree: before anything is run."""

import ast


def irreversible_because(tree: ast.Module) -> str:
    """Say why a revision has no usable downgrade; empty where it has one.

    A revision that does nothing (a merge of two heads) has nothing to take back.
    """
    up, down = _function(tree, "upgrade"), _function(tree, "downgrade")
    if down is None:
        # `downgrade = other_function` is a name that leads somewhere.
        return "" if _assigned(tree, "downgrade") else "it has no downgrade()"
    for statement in down.body:
        if isinstance(statement, ast.Raise):
            return f"its downgrade() raises {_raised(statement)}"
    if any(_acts(statement) for statement in down.body):
        return ""
    if up is not None and not any(_acts(statement) for statement in up.body):
        return ""
    return "its downgrade() does nothing"


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return node
    return None


def _assigned(tree: ast.Module, name: str) -> bool:
    return any(
        isinstance(target, ast.Name) and target.id == name
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
    )


def _raised(statement: ast.Raise) -> str:
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return ast.unparse(raised) if raised is not None else "an error"


def _acts(statement: ast.stmt) -> bool:
    """Tell whether a statement is more than `pass`, `...`, a text or `return`."""
    if isinstance(statement, ast.Pass | ast.Return):
        return False
    return not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
