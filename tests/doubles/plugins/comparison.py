"""What a program's change would change, and whether that replaces."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.doubles.plugins.values import UNKNOWN, Path, dotted

INTERNAL = "__"
"""How the names of what providers keep for themselves begin."""


@dataclass(frozen=True)
class Change:
    """One property that differs."""

    path: Path
    how: Literal["add", "delete", "update"]

    @property
    def text(self) -> str:
        return dotted(self.path)

    def replaces(self, forces: Iterable[str]) -> bool:
        """Tell whether this lies at, in or around one of the paths that force a replacement."""
        here = ".".join(str(step) for step in self.path if not isinstance(step, int))
        return any(
            here == each or here.startswith(f"{each}.") or each.startswith(f"{here}.")
            for each in forces
        )


def changes(
    new: Mapping[str, Any], state: Mapping[str, Any], old: Mapping[str, Any], *, unordered: bool
) -> list[Change]:
    """List how inputs differ from what is there.

    `state` is the object as it was last seen, `old` the inputs that made it: what only the cloud
    put there is no difference, what the program no longer says is one.
    """
    return list(_within(new, state, old, (), unordered))


def _within(new: Any, state: Any, old: Any, path: Path, unordered: bool) -> Iterator[Change]:
    if isinstance(new, Mapping) and isinstance(state, Mapping):
        before = old if isinstance(old, Mapping) else {}
        for key, value in new.items():
            if key.startswith(INTERNAL) or value is None:
                continue
            if state.get(key) is None:
                yield Change((*path, key), "add")
            else:
                yield from _within(value, state[key], before.get(key), (*path, key), unordered)
        for key, value in before.items():
            gone = new.get(key) is None and state.get(key) is not None and value is not None
            if gone and not key.startswith(INTERNAL):
                yield Change((*path, key), "delete")
    elif isinstance(new, list) and isinstance(state, list) and new != state:
        yield from _lists(new, state, old, path, unordered)
    elif new == UNKNOWN or not _same(new, state):
        yield Change(path, "update")


def _lists(
    new: list[Any], state: list[Any], old: Any, path: Path, unordered: bool
) -> Iterator[Change]:
    plain = not any(isinstance(each, Mapping | list) for each in (*new, *state))
    if plain and unordered and sorted(map(str, new)) == sorted(map(str, state)):
        return
    if plain or len(new) != len(state):
        yield Change(path, "update")
        return
    before = old if isinstance(old, list) and len(old) == len(new) else [None] * len(new)
    for index, (one, other, was) in enumerate(zip(new, state, before, strict=True)):
        yield from _within(one, other, was, (*path, index), unordered)


def _same(new: Any, state: Any) -> bool:
    if new == state:
        return True
    # Policies are compared by what they say.
    if isinstance(new, str) and isinstance(state, str) and new[:1] in ("{", "["):
        try:
            return bool(json.loads(new) == json.loads(state))
        except ValueError:
            return False
    return False
