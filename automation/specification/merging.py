"""Merges what several documents declare, and remembers which file declared what."""

from collections.abc import Sequence
from typing import Any

from automation.specification.documents import Declarations
from automation.specification.problems import Problem

Path = tuple[str | int, ...]


class Merged:
    """The merged declarations; `file_of` finds the file behind a key path."""

    def __init__(self, documents: Sequence[Declarations]) -> None:
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self._files: dict[Path, str] = {}
        self._first = documents[0].file if documents else "specs"
        for document in documents:
            self._merge(self.values, document.values, (), document.file)

    def file_of(self, path: Path) -> str:
        """Return the file that declared the longest known beginning of a key path."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._files:
                return self._files[path[:length]]
        return self._first

    def _merge(self, into: dict[str, Any], values: dict[str, Any], at: Path, file: str) -> None:
        for key, value in values.items():
            path = (*at, key)
            if key not in into:
                into[key] = {} if isinstance(value, dict) else value
                self._files[path] = file
                if isinstance(value, dict):
                    self._merge(into[key], value, path, file)
            elif isinstance(into[key], dict) and isinstance(value, dict):
                self._merge(into[key], value, path, file)
            elif into[key] != value:
                self.problems.append(
                    Problem(
                        f"{self._files[path]} and {file}",
                        dotted(path),
                        "declared twice with different values",
                        "keep one of the two",
                    )
                )


def dotted(path: Path) -> str:
    """Write a key path the way people do: `smoke[0].steps[2].expect`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
