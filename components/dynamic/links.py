"""A folder of symbolic links."""

import contextlib
import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic


class LinksProvider(dynamic.ResourceProvider):
    """Keeps links in a folder of its own; those that stay are not touched."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make every link, and remove what an interrupted attempt left."""
        return dynamic.CreateResult(props["directory"], _make(props))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Compare the links, and what is on the disk."""
        moved = ["directory"] if old["directory"] != new["directory"] else []
        changed = old["links"] != new["links"] or _present(old) != old["links"]
        return dynamic.DiffResult(changes=changed or bool(moved), replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Make what is missing, then remove what is not declared."""
        return dynamic.UpdateResult(_make(new))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See what is in the folder."""
        return dynamic.ReadResult(id_, {**props, "links": _present(props)})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove the links and their folder, never what they lead to."""
        _keep(Path(props["directory"]), set())


def _present(props: dict[str, Any]) -> dict[str, str]:
    root = Path(props["directory"])
    # a link that leads nowhere is listed among the files
    found = (Path(at) / name for at, folders, names in os.walk(root) for name in folders + names)
    return {
        str(link.relative_to(root)): str(link.readlink()) for link in found if link.is_symlink()
    }


def _make(props: dict[str, Any]) -> dict[str, Any]:
    root, present = Path(props["directory"]), _present(props)
    for name, target in props["links"].items():
        if present.get(name) == target:
            continue
        link = root / name
        link.parent.mkdir(parents=True, exist_ok=True)
        new = link.with_name(f".{link.name}-new")
        new.unlink(missing_ok=True)
        new.symlink_to(target)
        new.replace(link)
    _keep(root, set(props["links"]))
    return props


def _keep(root: Path, names: set[str]) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        for entry in Path(folder).iterdir():
            if entry.is_symlink() and str(entry.relative_to(root)) not in names:
                entry.unlink()
        with contextlib.suppress(OSError):  # one that still holds a link stays
            Path(folder).rmdir()


class Links(dynamic.Resource, module="local", name="Links"):
    """Symbolic links by their names below a folder, which may hold slashes."""

    directory: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        directory: str,
        links: pulumi.Input[dict[str, str]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the links: name to target."""
        super().__init__(LinksProvider(), name, {"directory": directory, "links": links}, opts)
