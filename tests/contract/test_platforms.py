"""What every platform of every concern promises the program, on an engine in memory."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from automation.validation.platforms import checks
from components.contract.desired import SLOTS
from components.contract.platforms import REGISTRIES
from components.contract.settings import Settings
from components.database.base import Database
from tests.components.aws import at_aws, takes_tags
from tests.components.stacks import CHANNELS, SECRETS, packed, serving
from tests.contract.combinations import COMBINATIONS
from tests.contract.offering import (
    PROTOCOLS,
    Offered,
    hints,
    is_promised,
    offered,
    promised,
)

PLATFORMS = [(concern, name) for concern, registry in REGISTRIES.items() for name in registry]
TAGS = {"application", "environment", "release", "owner", "managed-by"}
LABELS = {f"app.kubernetes.io/{each}" for each in ("name", "instance", "managed-by")}
LABELS |= {"slipway/environment"}
CONNECTION = ("host", "port", "name", "user", "password", "owner", "owner_password")
CONNECTION += ("admin", "admin_password")
SUMMARY = {"platform", "address", "prefix", "alert_rules", "rules", "dashboards", "channels"}
MADE = ("made-password", "made-SESSION_KEY", "made-by-neon", "made-by-vercel")
MADE += ("random-application-secrets-seed",)
"""What doubles make where a secret is to be made."""
DYNAMIC = "pulumi-python:dynamic"


def of(*concerns: str) -> pytest.MarkDecorator:
    """Run a test for each platform of some concerns."""
    chosen = [each for each in PLATFORMS if each[0] in concerns]
    return pytest.mark.parametrize(
        ("concern", "name"), chosen, ids=[f"{concern}-{name}" for concern, name in chosen]
    )


every_platform = of(*REGISTRIES)


def chosen(concern: str, name: str) -> Settings:
    """Return settings with a platform. A new one needs a combination."""
    return Settings(**COMBINATIONS[concern][name])


@cache
def _declared(settings: str, releases: int, preview: bool) -> Offered:
    known = Settings.model_validate_json(settings)
    state = serving(known, *(packed(f"{n}.0.0-aa") for n in range(1, releases + 1)))
    return offered(known, state, {**SECRETS, **CHANNELS}, preview=preview)


def declared(concern: str, name: str, *, releases: int = 2, preview: bool = False) -> Offered:
    """Declare a platform, once for all tests that ask for the same: a release in each slot."""
    return _declared(chosen(concern, name).model_dump_json(), releases, preview)


def own(concern: str, found: Offered) -> dict[str, str]:
    """Map the names of what a concern's platform declares to their types."""
    begin = [f"application-{concern.replace('_', '-')}"]
    if concern == "backend":
        begin += ["application-cluster", "application-host"]
    types = found.declared.types()
    return {n: types[n].rpartition("$")[2] for n in types if n.startswith(tuple(begin))}


def plain(found: Offered, name: str) -> Mapping[str, Any]:
    """Return the inputs of a resource that went to the engine as no secret."""
    inputs = found.declared.inputs.get(name, {})
    return {k: v for k, v in inputs.items() if k not in found.declared.secret_inputs[name]}


def test_each_platform_has_a_combination_and_each_concern_a_protocol() -> None:
    assert {c: set(named) for c, named in COMBINATIONS.items()} == {
        c: set(registry) for c, registry in REGISTRIES.items()
    }
    assert PROTOCOLS.keys() == REGISTRIES.keys()


@every_platform
def test_its_combination_is_one_that_a_deployment_begins_with(concern: str, name: str) -> None:
    settings = chosen(concern, name)
    known = [each for registry in REGISTRIES.values() for each in registry.values()]
    credentials = dict.fromkeys((key for each in known for key in each.credentials), "given")

    assert getattr(settings, f"{concern}_platform") == name
    verdicts = checks(settings, "staging", credentials)
    assert [each.details for each in verdicts if each.status != "passed"] == []


@every_platform
def test_what_the_protocol_names_is_there_and_becomes_what_it_says(concern: str, name: str) -> None:
    found = declared(concern, name)
    resolved = found.resolved(concern)

    assert found.missing(concern) == []
    for attribute, hint in hints(PROTOCOLS[concern]).items():
        if promised(hint) is not None and getattr(found.platforms[concern], attribute) is not None:
            is_promised(resolved[attribute], hint)
    if PROTOCOLS[concern] is Database:
        connection = resolved["connection"]
        assert [key for key in CONNECTION if not connection.get(key)] == []
    if concern == "monitoring":
        summary = resolved["summary"]
        assert not summary or summary.keys() >= SUMMARY
        assert (summary.get("platform") or "none") == name


@every_platform
def test_whatever_takes_tags_or_labels_says_whose_it_is(concern: str, name: str) -> None:
    found = declared(concern, name)
    mine = own(concern, found)

    for each, kind, given in at_aws(found.declared):
        if each in mine and takes_tags(kind):
            assert given.get("tags", {}).keys() >= TAGS, each
    for each, kind in mine.items():
        about = found.declared.inputs.get(each, {}).get("metadata")
        if kind.startswith("kubernetes:") and about is not None:
            assert about.get("labels", {}).keys() >= LABELS, each


@every_platform
def test_no_secret_is_in_a_plain_property_or_output(concern: str, name: str) -> None:
    found = declared(concern, name)
    given = (*SECRETS.values(), *CHANNELS.values())

    for each, kind in own(concern, found).items():
        # A dynamic provider of this program marks what it makes itself; the double of it cannot.
        wanted = given if kind.startswith(DYNAMIC) else (*given, *MADE)
        told = json.dumps(plain(found, each), default=str)
        assert [secret for secret in wanted if secret in told] == [], each
    for key, value in found.declared.outputs.items():
        if key.startswith(f"{concern}.") and not found.declared.secret[key]:
            told = json.dumps(value, default=str)
            assert [secret for secret in (*given, *MADE) if secret in told] == [], key


@of("backend", "frontend", "load_balancer")
@pytest.mark.parametrize("releases", [1, 2])
def test_both_slots_are_there_whether_or_not_a_release_is_in_them(
    concern: str, name: str, releases: int
) -> None:
    found = declared(concern, name, releases=releases)

    if concern != "load_balancer":
        endpoints = found.resolved(concern)["endpoints"]
        assert {slot for slot in SLOTS if endpoints[slot]} == set(SLOTS[:releases])
        assert found.resolved(concern)["slot_urls"].keys() <= set(SLOTS)
        return
    told = json.dumps([plain(found, each) for each in own(concern, found)], default=str)
    for slot in SLOTS:
        assert slot in told


@every_platform
def test_a_preview_of_what_is_not_there_yet_lists_all_of_it(concern: str, name: str) -> None:
    foreseen = declared(concern, name, preview=True)

    assert own(concern, foreseen) == own(concern, declared(concern, name))
