"""A backend's artifact as a container image, made without a container engine.

A base image and one layer: the sources and the dependencies. The same artifact, base and
configuration give the same image, which is then neither made nor pushed again.
"""

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from automation.builds.job import SOURCE, Job
from automation.errors import BuildFailed, InvalidInput
from automation.packaging import dependencies, layer, starting
from automation.packaging.registry import Registry
from automation.packaging.starting import PACKAGES, SOURCES
from automation.specification.models import Backend
from automation.toolchain import cache
from automation.toolchain.cache import Progress
from components.contract.files import replace
from components.contract.release import Artifact

RECIPE = 1
"""Raised whenever the same artifact comes to be packed in another way."""
KEY = "slipway:backendImageRepository"
RECORD = "image.json"


@dataclass(frozen=True)
class Wanted:
    """Where the image goes, what it is laid upon, and for which architecture it is."""

    repository: str
    base: str
    architecture: str = "amd64"


@dataclass(frozen=True)
class Image:
    """`reference` is `repository@sha256:...`. `reused`: it was there already."""

    reference: str
    reused: bool
    notes: tuple[str, ...] = ()


def build(
    built: Artifact,
    backend: Backend,
    wanted: Wanted,
    file: str,
    *,
    log: Path,
    progress: Progress,
    cancelled: threading.Event,
) -> Image:
    """Return the image of a built backend, in its registry. `file` is where `wanted` comes from.

    Raise InvalidInput without a repository, BuildFailed where the registry or an installation
    refuses, and Interrupted when `cancelled` is set.
    """
    if not wanted.repository:
        raise InvalidInput(
            f"{file}: {KEY}: is not set; the backend's image has to be pushed somewhere",
            hint=f"Set {KEY} to a repository such as ghcr.io/acme/shop-api.",
        )
    registry = Registry(f"linux/{wanted.architecture}", log, progress, cancelled)
    key = _key(built, backend, wanted)
    record = Path(built.path) / RECORD
    tag = f"{wanted.repository}:{built.digest[:12]}-{key[:12]}"
    known = _recorded(record, key)
    if known and registry.digest(known) is not None:
        return Image(known, reused=True)
    there = registry.digest(tag)
    notes: tuple[str, ...] = ()
    if there is not None:
        reference = f"{wanted.repository}@{there}"
    else:
        reference, notes = _made(built, backend, wanted, tag, registry)
    replace(record, json.dumps({"key": key, "reference": reference}))
    return Image(reference, reused=there is not None, notes=notes)


def _made(
    built: Artifact, backend: Backend, wanted: Wanted, tag: str, registry: Registry
) -> tuple[str, tuple[str, ...]]:
    base = registry.configuration(wanted.base)
    if base.get("architecture") != wanted.architecture:
        raise BuildFailed(
            f"{wanted.base} is an image for {base.get('architecture')}, not {wanted.architecture}",
            hint="Set slipway:backendBaseImage or slipway:backendArchitecture.",
        )
    version, notes = _python(base, built, wanted)
    place = PurePosixPath(built.working_directory).relative_to(SOURCE)
    with cache.passing(Path(built.path).parent, ".image-") as folder:
        job = Job("backend", folder, place, {}, registry.log, registry.progress, registry.cancelled)
        shutil.copytree(Path(built.path) / SOURCE, job.source, symlinks=True)
        locked = Path(built.path) / dependencies.LOCKED
        if locked.is_file():
            shutil.copyfile(locked, job.folder / locked.name)
        packages = job.folder / "site-packages"
        packages.mkdir()
        interpreter = starting.environment_of(built) / "bin" / "python"
        dependencies.install(job, backend, interpreter, version, wanted.architecture, packages)
        content = job.folder / "layer.tar"
        layer.write(
            content,
            {SOURCES.strip("/"): Path(built.path) / SOURCE, PACKAGES.strip("/"): packages},
        )
        registry.progress(f"backend: pushing its image to {wanted.repository}")
        configured = starting.configured(built, backend, base)
        return registry.push(wanted.base, content, configured, tag), notes


def _python(
    base: Mapping[str, Any], built: Artifact, wanted: Wanted
) -> tuple[str, tuple[str, ...]]:
    """Return the version of the base's Python, such as `3.11`, and what is to be said of it."""
    told = starting.variables_of(base).get("PYTHON_VERSION", "")
    found = re.match(r"\d+\.\d+", told)
    if found:
        return found.group(), ()
    folder = next(starting.environment_of(built).glob("lib/python3.*"), None)
    version = folder.name.removeprefix("python") if folder else ""
    return version, (f"{wanted.base} does not tell its Python; taken to be {version}",)


def _key(built: Artifact, backend: Backend, wanted: Wanted) -> str:
    content = {
        "recipe": RECIPE,
        "artifact": built.digest,
        "wanted": [wanted.repository, wanted.base, wanted.architecture],
        "entrypoint": starting.entrypoint(built, backend),
        "variable": built.port_variable,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _recorded(record: Path, key: str) -> str | None:
    try:
        known = json.loads(record.read_text())
        return str(known["reference"]) if known["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
