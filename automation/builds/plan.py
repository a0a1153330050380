"""What is going to be built, before it is: the sources, the place in them, the configuration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from automation.builds.job import Job
from automation.errors import InvalidInput
from automation.specification.models import Service
from components.contract import references


@dataclass(frozen=True)
class Recipe:
    """What a finished build tells: how it is laid out, what made it, what is worth knowing."""

    layout: Mapping[str, str]
    tools: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A build of the files of `root`; the service is in its folder `place`.

    `configuration` is everything besides the files that decides what comes out. `make` builds.
    """

    root: Path
    place: PurePosixPath
    configuration: Mapping[str, object]
    variables: Mapping[str, str]
    make: Callable[[Job], Recipe]
    notes: tuple[str, ...] = field(default=())


def folder(app: Path, relative: str, key: str) -> Path:
    """Return a folder of the application. Raise InvalidInput, naming the key, if it is none."""
    path = (app / relative).resolve()
    if not path.is_relative_to(app.resolve()):
        raise InvalidInput(f"{key}: {relative} leads out of the application {app}")
    if not path.is_dir():
        raise InvalidInput(f"{key}: there is no folder {relative} in {app}")
    return path


def build_variables(
    service: Service, values: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the variables that a build may see, resolved, and the names of the others.

    A variable is seen when all that it refers to is public and known before anything is
    provisioned.
    """
    seen: dict[str, str] = {}
    later: list[str] = []
    for name, template in service.variables.items():
        needed = references.names(template)
        if all(each in references.BUILD_TIME and each in values for each in needed):
            seen[name] = references.resolve(template, values)
        else:
            later.append(name)
    return seen, tuple(later)
