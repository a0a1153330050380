"""Keep the artifacts of the newest releases for the way back, and remove the others."""

import json
from collections.abc import Iterator

from automation.builds.store import Store
from automation.files import replace
from automation.home import Home
from components.contract.desired import DesiredState
from components.contract.names import ENVIRONMENTS
from components.contract.release import SERVICES
from components.contract.settings import Settings

FILE = "retained.json"


def retained(state: DesiredState, count: int) -> list[str]:
    """Return the ids of the releases whose artifacts are kept: in a slot, or among the newest."""
    held = [s.release for v in (state.backend, state.frontend) for s in (v.blue, v.green)]
    newest = [r.release for r in reversed(state.history) if r.outcome == "deployed"]
    kept = dict.fromkeys(release for release in held if release is not None)
    for release in newest:
        if len(kept) >= count:
            break
        kept.setdefault(release)
    return list(kept)


def prune(home: Home, environment: str, state: DesiredState, settings: Settings) -> int:
    """Remove what no environment keeps; return how many artifacts went.

    The store is shared, so each environment writes down what it keeps.
    """
    releases = [state.releases[id_] for id_ in retained(state, settings.retained_artifacts)]
    paths = [a.path for r in releases for name in SERVICES if (a := r.artifact(name))]
    replace(home.environment(environment) / FILE, json.dumps(sorted(paths), indent=1))
    return len(Store(home.artifacts).prune(set(_kept_by_all(home))))


def _kept_by_all(home: Home) -> Iterator[str]:
    for environment in ENVIRONMENTS:
        file = home.environment(environment) / FILE
        if file.exists():
            yield from json.loads(file.read_text())
