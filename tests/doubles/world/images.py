"""Images as a node has them: fetched from the registry once, and unpacked."""

import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.registry import LocalRegistry
from tests.doubles.world.told import NotThere


@dataclass(frozen=True)
class Image:
    """`root` is its file system; the rest is its configuration."""

    root: Path
    entrypoint: tuple[str, ...]
    folder: Path
    variables: dict[str, str]


@dataclass
class Images:
    """What was fetched, by reference."""

    registry: LocalRegistry
    folder: Path
    _known: dict[str, Image] = field(default_factory=dict)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def fetched(self, reference: str) -> Image:
        """Return an image, unpacked; its paths are those of this machine.

        Raise NotThere where the registry of this world has none of that name.
        """
        if not reference.startswith(f"{self.registry.host}/"):
            raise NotThere(f"image {reference} cannot be pulled")
        with self._alone:
            if reference not in self._known:
                self._known[reference] = self._fetch(reference)
            return self._known[reference]

    def _fetch(self, reference: str) -> Image:
        root = self.folder / reference.rpartition(":")[2]
        root.mkdir(parents=True, exist_ok=True)
        try:
            self.registry.unpack(reference, root)
        except subprocess.CalledProcessError as refused:
            raise NotThere(f"image {reference} cannot be pulled: {refused.stderr}") from None
        config: dict[str, Any] = self.registry.configuration(reference)["config"]
        variables = dict(line.split("=", 1) for line in config.get("Env") or ())
        return Image(
            root=root,
            entrypoint=tuple(config["Entrypoint"]),
            folder=root / config["WorkingDir"].lstrip("/"),
            variables={k: v.replace("/app/", f"{root}/app/") for k, v in variables.items()},
        )
