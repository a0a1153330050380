"""Find the Pulumi CLI and its Python language host, or get them.

Looked for on PATH, then in Slipway's cache; else fetched by the official installer; else, where
its host cannot be reached, built from their Go modules. Does not run an update.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from automation.errors import ToolMissing
from automation.toolchain import cache, gomodules, installer, versions
from automation.toolchain.cache import Progress
from automation.toolchain.versions import Version

# The first release line that takes every flag as PULUMI_OPTION_*; the driver names the stack's
# file with PULUMI_OPTION_CONFIG_FILE. https://github.com/pulumi/pulumi/issues/20834
MINIMUM: Version = (3, 210, 0)
LANGUAGE_HOST = "pulumi-language-python"
Source = Literal["path", "cache", "installer", "modules"]
Fetch = Callable[[Path, Progress, threading.Event | None], None]
"""Fill a folder with `bin/pulumi` and the rest, or raise Unavailable."""


@dataclass(frozen=True)
class PulumiTools:
    """The folder that goes first on PATH, the CLI's version, and where both came from.

    `version` is empty where a CLI of one's own making does not tell.
    """

    bin: Path
    version: str
    source: Source


@dataclass(frozen=True)
class Locator:
    """The places to look in, in order. What is found in none of them is fetched."""

    search_path: str
    cache: Path
    fetches: tuple[tuple[Source, str, Fetch], ...] = field(
        default=(
            ("installer", installer.VERSION, installer.install),
            ("modules", gomodules.VERSION, gomodules.build),
        )
    )

    def locate(self, progress: Progress, cancelled: threading.Event | None = None) -> PulumiTools:
        """Return tools that are new enough. Raise ToolMissing where there is no way to any."""
        found = self.present(progress)
        if found is not None:
            return found
        with cache.locked(self.cache / ".lock", progress, "it makes the Pulumi CLI"):
            return self.cached() or self._fetch(progress, cancelled)

    def present(self, progress: Progress = lambda _line: None) -> PulumiTools | None:
        """Return the tools of PATH or of the cache, and fetch nothing."""
        return self._on_path(progress) or self.cached()

    def cached(self) -> PulumiTools | None:
        """Return the newest complete tools of the cache."""
        for version, folder in sorted(self._versions(), reverse=True):
            return PulumiTools(folder / "bin", versions.show(version), "cache")
        return None

    def _on_path(self, progress: Progress) -> PulumiTools | None:
        pulumi = shutil.which("pulumi", path=self.search_path)
        if pulumi is None:
            return None
        quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        printed = versions.remembered([pulumi, "version"], quiet, self.cache / "versions")
        if printed is None:
            progress(f"{pulumi} does not run; looking elsewhere")
            return None
        version = versions.parse(printed)
        if version is not None and version < MINIMUM:
            raise ToolMissing(
                f"{pulumi} is Pulumi {versions.show(version)}; "
                f"{versions.show(MINIMUM)} or newer is needed",
                hint="Upgrade it, or take it off PATH: Slipway then gets one for itself.",
            )
        beside = f"{Path(pulumi).resolve().parent}{os.pathsep}{self.search_path}"
        if shutil.which(LANGUAGE_HOST, path=beside) is None:
            progress(f"{pulumi} comes without {LANGUAGE_HOST}; looking elsewhere")
            return None
        return PulumiTools(Path(pulumi).parent, versions.show(version) if version else "", "path")

    def _versions(self) -> Iterator[tuple[Version, Path]]:
        for folder in self.cache.glob("[0-9]*"):
            version = versions.parse(folder.name)
            tools = (folder / "bin" / name for name in ("pulumi", LANGUAGE_HOST))
            if version and version >= MINIMUM and all(os.access(tool, os.X_OK) for tool in tools):
                yield version, folder

    def _fetch(self, progress: Progress, cancelled: threading.Event | None) -> PulumiTools:
        for source, version, fetch in self.fetches:
            final = self.cache / version
            try:
                with cache.made_whole(final) as new:
                    fetch(new, progress, cancelled)
            except cache.Unavailable as reason:
                progress(str(reason))
            else:
                return PulumiTools(final / "bin", version, source)
        raise ToolMissing(
            "there is no Pulumi CLI here, and no way to get one was open",
            hint="Install it from https://www.pulumi.com/docs/install/ and run this again.",
        )


def locator() -> Locator:
    """Return the locator of this machine: PATH and the user's cache."""
    return Locator(os.environ.get("PATH", os.defpath), cache.root() / "pulumi")


def locate(progress: Progress, cancelled: threading.Event | None = None) -> PulumiTools:
    """Return the Pulumi tools of this machine, fetched or built where there are none."""
    return locator().locate(progress, cancelled)
