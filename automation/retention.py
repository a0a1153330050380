"""Keep the artifacts of the newest releases for the way back, and remove the others."""

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

from automation.builds.store import Store
from automation.home import Home
from automation.toolchain.cache import locked
from automation.way_back import previous
from components.contract.desired import DesiredState
from components.contract.files import replace
from components.contract.names import ENVIRONMENTS
from components.contract.release import SERVICES, Release
from components.contract.settings import Settings

FILE = "retained.json"


def retained(state: DesiredState, count: int) -> list[str]:
    """Return the ids of the releases whose artifacts are kept: `count`, or more where needed.

    Always those in a slot, the one to go back to, and those that an unfinished rollout names;
    then the newest that served. A deployment that failed does not push another one out.
    """
    deployed = [r.release for r in reversed(state.history) if r.outcome == "deployed"]
    kept = dict.fromkeys(_needed(state))
    for release in deployed:
        if len(kept) >= count:
            break
        kept.setdefault(release)
    return [id_ for id_ in kept if id_ in state.releases]


def hold(home: Home, environment: str, paths: Iterable[str]) -> None:
    """Keep artifacts from now on, until `prune` knows whether their release served."""
    with _alone(home, environment):
        kept = {*_kept(home, environment), *paths}
        _keep(home, environment, kept)


def prune(home: Home, environment: str, state: DesiredState, settings: Settings) -> int:
    """Remove what no environment keeps; return how many artifacts went.

    The store is shared, so each environment writes down what it keeps.
    """
    releases = [state.releases[id_] for id_ in retained(state, settings.retained_artifacts)]
    with _alone(home, environment):
        _keep(home, environment, _paths(releases))

    def kept() -> set[str]:
        return {path for name in ENVIRONMENTS for path in _kept(home, name)}

    return len(Store(home.artifacts).prune(kept))


def _needed(state: DesiredState) -> Iterator[str]:
    services = [state.backend, state.frontend]
    if state.rollout is not None:
        services += state.rollout.back_to_slots.values()
        yield state.rollout.target
        if state.rollout.back_to is not None:
            yield state.rollout.back_to
    for slots in services:
        yield from (slot.release for slot in (slots.blue, slots.green) if slot.release is not None)
    back = previous(state)
    if back is not None:
        yield back.id


def _paths(releases: Iterable[Release]) -> Iterator[str]:
    return (a.path for r in releases for name in SERVICES if (a := r.artifact(name)))


def _alone(home: Home, environment: str) -> AbstractContextManager[None]:
    # `build` and `preview` write the list beside whoever holds the environment.
    return locked(home.environment(environment) / f".{FILE}.lock", lambda _: None, FILE)


def _keep(home: Home, environment: str, paths: Iterable[str]) -> None:
    replace(home.environment(environment) / FILE, json.dumps(sorted(paths), indent=1))


def _kept(home: Home, environment: str) -> list[str]:
    file = home.environment(environment) / FILE
    found: list[str] = json.loads(file.read_text()) if file.exists() else []
    return found
