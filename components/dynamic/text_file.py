"""A file with a text that is declared."""

from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from components.contract import files


class TextFileProvider(dynamic.ResourceProvider):
    """Keeps a file; where its content is empty there is no file."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Write the file."""
        return dynamic.CreateResult(props["path"], _write(props))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the content, and what is on the disk."""
        moved = ["path"] if old["path"] != new["path"] else []
        changed = old["content"] != new["content"] or _present(old) != old["content"]
        return dynamic.DiffResult(changes=changed or bool(moved), replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Write the file again, or remove it."""
        return dynamic.UpdateResult(_write(new))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See what is in the file."""
        return dynamic.ReadResult(id_, {**props, "content": _present(props)})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove the file."""
        Path(props["path"]).unlink(missing_ok=True)


def _present(props: dict[str, Any]) -> str:
    try:
        return Path(props["path"]).read_text()
    except OSError:
        return ""


def _write(props: dict[str, Any]) -> dict[str, Any]:
    if props["content"]:
        files.write(Path(props["path"]), props["content"])
    else:
        Path(props["path"]).unlink(missing_ok=True)
    return props


class TextFile(dynamic.Resource, module="local", name="TextFile"):
    """A file of this machine that holds no secret."""

    path: pulumi.Output[str]

    def __init__(
        self, name: str, *, path: str, content: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        """Declare the file; an empty content means none."""
        super().__init__(TextFileProvider(), name, {"path": path, "content": content}, opts)
