"""Read a file in the shape of `Pulumi.<stack>.yaml`, with errors that name file and line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from automation.errors import Blocked, InvalidInput


def read(path: Path, name: str, hint: str = Blocked.hint) -> dict[str, Any]:
    """Return the content, `config` in it a mapping or nothing. Raise InvalidInput otherwise.

    `name` is what errors call the file.
    """
    content = _parsed(_Checked, path, name, hint)
    if content is not None and not isinstance(content, dict):
        raise InvalidInput(f"{name}: expected a mapping with `config`", hint=hint)
    if content and not isinstance(content.get("config") or {}, dict):
        raise InvalidInput(f"{name}: config: expected a mapping of keys to values", hint=hint)
    return content or {}


def written(path: Path, name: str) -> dict[str, Any]:
    """Return `config` as it is written: every plain value as its text."""
    return (_parsed(yaml.BaseLoader, path, name, Blocked.hint) or {}).get("config") or {}


def _parsed(loader: Callable[[str], Any], path: Path, name: str, hint: str) -> Any:
    encoded = b""
    try:
        encoded = path.read_bytes()
        return loader(encoded.decode()).get_single_data()
    except FileNotFoundError:
        raise InvalidInput(f"{name} is missing in {path.parent}", hint=hint) from None
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror}", hint=hint) from None
    except UnicodeDecodeError as error:
        line = encoded.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"{name} line {line}: not UTF-8 text", hint=hint) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", error)
        raise InvalidInput(f"{name}{where}: not valid YAML: {problem}", hint=hint) from None


class _Checked(yaml.SafeLoader):
    """Says the line of a value that is none, such as the 30th of February."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Return the value of a node."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError):  # as the library lets them through
            problem = f"no {node.tag.rpartition(':')[2]}; write text in quotes"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None
