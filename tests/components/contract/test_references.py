"""References: what may be named, what it stands for, and whether it is a secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contract.desired import Address, DesiredState
from components.contract.references import (
    BUILD_TIME,
    PROVIDED,
    SENSITIVE,
    UnknownReference,
    check,
    is_sensitive,
    names,
    resolve,
)
from components.contract.values import public_values, reference_values, release_values
from tests.components.examples import backend, live, release

DATABASE = {
    "host": "127.0.0.1",
    "port": "5432",
    "name": "app",
    "user": "app",
    "password": "p",
    "owner": "owner",
}
ADDRESS = Address(host="todo.localhost", port=8443)


def values(state: DesiredState) -> dict[str, str]:
    known = reference_values(
        "staging",
        state,
        ADDRESS,
        internal_url="http://127.0.0.1:1",
        database=DATABASE,
        secrets={"KEY": "k"},
    )
    return {**known, **release_values(release()), "port": "3000"}


def test_everything_that_is_provided_has_a_value() -> None:
    assert values(live()).keys() == {*PROVIDED, "secret.KEY"}


def test_what_may_be_built_in_is_public_and_provided() -> None:
    assert PROVIDED.keys() >= BUILD_TIME
    assert not BUILD_TIME & SENSITIVE
    known = {**public_values("staging", ADDRESS, "/api"), **release_values(release())}
    assert known.keys() >= BUILD_TIME


@pytest.mark.parametrize(
    ("template", "nearest"),
    [
        ("${databse.url}", "${database.url}"),
        ("x ${public.uri}", "${public.url}"),
        ("${secret.KEYS}", "${secret.KEY}"),
    ],
)
def test_an_unknown_reference_names_the_nearest(template: str, nearest: str) -> None:
    with pytest.raises(UnknownReference) as refused:
        check(template, ["KEY"])

    assert f"did you mean {nearest}?" in str(refused.value)


def test_a_reference_like_no_other_lists_all_of_them() -> None:
    with pytest.raises(UnknownReference, match=r"known: environment, public\.url"):
        check("${xyzzy}", [])


@pytest.mark.parametrize(
    ("template", "sensitive"),
    [
        ("postgres ${database.url}", True),
        ("${ secret.ANY }", True),
        ("${database.password}", True),
        ("${database.host}", False),
        ("${public.url}/secret.ANY", False),
        ("plain", False),
    ],
)
def test_a_template_that_holds_a_secret_is_told(template: str, sensitive: bool) -> None:
    assert is_sensitive(template) is sensitive


def test_several_references_are_resolved_in_one_value() -> None:
    assert resolve("${ a }-${b}-${a}", {"a": "1", "b": "2"}) == "1-2-1"


@given(st.text(), st.text())
def test_a_value_is_never_read_as_a_template(value: str, rest: str) -> None:
    rest = rest.replace("$", "")

    assert resolve("${a}" + rest, {"a": value}) == value + rest


@given(st.lists(st.sampled_from([*PROVIDED, "secret.KEY"])))
def test_what_passes_the_check_can_be_resolved(found: list[str]) -> None:
    template = "/".join(f"${{{name}}}" for name in found)

    check(template, ["KEY"])
    assert names(template) == found
    assert "$" not in resolve(template, values(live()))


def test_a_reference_without_a_value_is_an_error() -> None:
    with pytest.raises(UnknownReference, match=r"no value for \$\{port\} here"):
        resolve("${port}", {})


@pytest.mark.parametrize(
    ("route", "url"),
    [("/api", "https://todo.localhost:8443/api"), ("/", "https://todo.localhost:8443")],
)
def test_the_backends_address_has_its_route_and_no_slash_at_the_end(route: str, url: str) -> None:
    state = live(release(backend=backend(route=route)))

    assert values(state)["backend.url"] == url
