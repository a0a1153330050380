"""What a revision says to Slipway: the literal `slipway = {...}` in its file."""

import ast
import difflib
from dataclasses import dataclass
from typing import Any, Literal

from automation.errors import InvalidInput

NAME = "slipway"
KEYS = ("phase", "lock_timeout_seconds", "allow")
PHASES = ("expand", "contract")
EXAMPLE = 'Write it as `slipway = {"phase": "contract"}`; docs/migrations.md lists the keys.'


@dataclass(frozen=True, kw_only=True)
class Marker:
    """What a revision asks for.

    `phase`: `contract` is held until the old release is gone. `lock_timeout_seconds`: how long its
    statements may wait for a lock; None, the default. `allow`: rules of the lint that may not
    block it.
    """

    phase: Literal["expand", "contract"] = "expand"
    lock_timeout_seconds: float | None = None
    allow: tuple[str, ...] = ()


def read_marker(tree: ast.Module, file: str) -> Marker:
    """Read the marker of a revision's file. Raise InvalidInput naming file and key."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(target, ast.Name) and target.id == NAME for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            return _marker(_literal(node.value, file), file)
    return Marker()


def _literal(node: ast.expr | None, file: str) -> dict[Any, Any]:
    try:
        value = ast.literal_eval(node) if node is not None else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInput(f"{file}: {NAME}: expected a dictionary, written out", hint=EXAMPLE)
    return value


def _marker(value: dict[Any, Any], file: str) -> Marker:
    for key in value:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1)
            told = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(KEYS)}"
            raise InvalidInput(f"{file}: {NAME}: unknown key {key!r}; {told}", hint=EXAMPLE)
    phase = value.get("phase", "expand")
    if phase not in PHASES:
        raise _wrong(file, "phase", "'expand' or 'contract'", phase)
    seconds = value.get("lock_timeout_seconds")
    if seconds is not None and (
        isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 3600
    ):
        raise _wrong(file, "lock_timeout_seconds", "a number above 0, at most 3600", seconds)
    allow = value.get("allow", ())
    if not isinstance(allow, list | tuple) or not all(isinstance(rule, str) for rule in allow):
        raise _wrong(file, "allow", "a list of rules, such as ['drop-column']", allow)
    return Marker(
        phase=phase,
        lock_timeout_seconds=None if seconds is None else float(seconds),
        allow=tuple(allow),
    )


def _wrong(file: str, key: str, expected: str, got: object) -> InvalidInput:
    message = f"{file}: {NAME}: {key}: expected {expected}, got {got!r}"
    return InvalidInput(message, hint=EXAMPLE)
