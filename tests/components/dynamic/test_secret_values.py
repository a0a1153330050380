"""Secrets are made once and kept."""

from pulumi.runtime import rpc

from components.dynamic.secret_values import SecretValuesProvider
from components.secrets.derived import ALPHABET

PROVIDER = SecretValuesProvider()


def test_values_have_their_length_and_are_different() -> None:
    values = PROVIDER.create({"lengths": {"a": 32.0, "b": 64.0}}).outs["values"]

    assert {name: len(value) for name, value in values.items()} == {"a": 32, "b": 64}
    assert not set("".join(values.values())) - set(ALPHABET)
    again = PROVIDER.create({"lengths": {"a": 32.0, "b": 64.0}}).outs["values"]
    assert not set(values.values()) & set(again.values())


def test_a_value_is_never_made_twice() -> None:
    old = PROVIDER.create({"lengths": {"a": 32, "b": 32}}).outs
    new = {"lengths": {"a": 16, "c": 32}}

    assert PROVIDER.diff("", old, new).changes
    after = PROVIDER.update("", old, new).outs

    assert after["values"].items() >= old["values"].items()
    assert after["values"].keys() == {"a", "b", "c"}
    assert not PROVIDER.diff("", after, new).changes
    assert not PROVIDER.diff("", after, {"lengths": {}}).changes


def test_what_is_read_is_what_is_in_the_state() -> None:
    outs = PROVIDER.create({"lengths": {"a": 8}}).outs

    assert PROVIDER.read("id", outs).outs == outs
    PROVIDER.delete("id", outs)


def test_unknown_lengths_in_a_preview_are_a_change() -> None:
    old = PROVIDER.create({"lengths": {}}).outs

    assert PROVIDER.diff("", old, {"lengths": rpc.UNKNOWN, "values": None}).changes
