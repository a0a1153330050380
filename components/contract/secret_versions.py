"""Versions of secrets: a release gets the values that it was configured with, also later.

A version is a number for a value that a release was given: 1, 2, ...; 0 is the value that Slipway
made itself. Values live in the stack's state beside the current ones, each as long as a recorded
release names its version, and nowhere else.
"""

from collections.abc import Iterable, Mapping

from components.contract.release import Release

MADE = 0
"""The version of a value that was made, not given."""


def key(name: str, version: int) -> str:
    """Return under which name a version of a secret is kept; no secret can be called that."""
    return f"{name}.v{version}"


def held(
    releases: Iterable[Release],
    *,
    made: Mapping[str, str],
    given: Mapping[str, str],
    kept: Mapping[str, str],
) -> dict[str, str]:
    """Return every current value by name, and every version that a release names by its key.

    `made` are by name, `given` are the operator's by name and count more, `kept` is what this
    function returned for the state before. A version that is not kept yet is what is given now.
    """
    values = {**made, **given}
    for name, version in {pair for r in releases for pair in r.secret_versions.items()}:
        known = key(name, version)
        if known in kept:
            values[known] = kept[known]
        elif version != MADE and name in given:
            values[known] = given[name]
        elif version == MADE and name in given and name in made:
            values[known] = made[name]
    return values


def of_release(release: Release, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values by name as a release gets them: its versions, where it names some."""
    own = {
        name: values[known]
        for name, version in release.secret_versions.items()
        if (known := key(name, version)) in values
    }
    return {**values, **own}


def numbered(
    given: Mapping[str, str], values: Mapping[str, str], releases: Iterable[Release]
) -> dict[str, int]:
    """Return the version of each given value: the one that has it already, or a new number.

    `values` is what `held` returned for the state that is live, `releases` are recorded there.
    """
    taken: dict[str, set[int]] = {name: set() for name in given}
    for release in releases:
        for name, version in release.secret_versions.items():
            taken.setdefault(name, set()).add(version)
    return {
        name: next(
            (n for n in sorted(taken[name] - {MADE}) if values.get(key(name, n)) == value),
            max(taken[name], default=MADE) + 1,
        )
        for name, value in given.items()
    }
