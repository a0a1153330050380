"""Ports are chosen once and kept."""

import socket

import pytest
from pulumi.runtime import rpc

from components.contract.ports import is_free
from components.dynamic.ports import FIRST, LAST, PortsProvider

PROVIDER = PortsProvider()


def props(*names: str, **fixed: int) -> dict[str, object]:
    # The engine carries numbers as floating point.
    return {
        "names": list(names),
        "fixed": {name: float(port) for name, port in fixed.items()},
        "seed": "/some/folder",
        "ports": None,
    }


@pytest.fixture
def taken() -> object:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_every_name_gets_a_free_port_of_its_own() -> None:
    ports = PROVIDER.create(props("a", "b", "c")).outs["ports"]

    assert ports.keys() == {"a", "b", "c"}
    assert len(set(ports.values())) == 3
    assert all(FIRST <= port < LAST and is_free(port) for port in ports.values())


def test_a_port_that_is_listened_on_is_passed_over() -> None:
    first = PROVIDER.create(props("a")).outs["ports"]["a"]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first))
        listener.listen()

        assert PROVIDER.create(props("a")).outs["ports"]["a"] != first


def test_two_environments_look_in_different_places() -> None:
    here = PROVIDER.create(props("a")).outs["ports"]["a"]
    there = PROVIDER.create({**props("a"), "seed": "/other/folder"}).outs["ports"]["a"]

    assert here != there


def test_a_new_name_leaves_the_known_ports_alone_even_while_they_are_in_use() -> None:
    old = PROVIDER.create(props("a")).outs
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", old["ports"]["a"]))
        listener.listen()
        new = props("a", "b")

        assert PROVIDER.diff("", old, new).changes
        after = PROVIDER.update("", old, new).outs

    assert after["ports"]["a"] == old["ports"]["a"]
    assert after["ports"]["b"] != after["ports"]["a"]
    assert not PROVIDER.diff("", after, new).changes


def test_a_name_that_is_no_longer_wanted_keeps_its_port_for_the_way_back() -> None:
    old = PROVIDER.create(props("a", "b")).outs

    assert not PROVIDER.diff("", old, props("a")).changes
    assert PROVIDER.update("", old, props("a", "c")).outs["ports"].keys() == {"a", "b", "c"}


def test_a_fixed_port_is_taken_as_given() -> None:
    outs = PROVIDER.create(props("public", "a", public=31999)).outs

    assert outs["ports"]["public"] == 31999
    assert PROVIDER.diff("", outs, props("public", "a", public=31998)).changes
    assert not PROVIDER.diff("", outs, props("public", "a", public=31999)).changes


def test_a_fixed_port_that_somebody_listens_on_is_refused(taken: int) -> None:
    with pytest.raises(ValueError, match=f"port {taken} .public. is taken by somebody else"):
        PROVIDER.create(props("public", public=taken))


def test_ones_own_listener_does_not_make_a_kept_port_taken(taken: int) -> None:
    old = {**props("public", public=taken), "ports": {"public": float(taken)}}

    ports = PROVIDER.update("", old, props("public", "a", public=taken)).outs["ports"]

    assert ports["public"] == taken


@pytest.mark.parametrize("key", ["names", "fixed"])
def test_unknown_inputs_in_a_preview_are_a_change(key: str) -> None:
    old = PROVIDER.create(props("a")).outs

    assert PROVIDER.diff("", old, {**props("a"), key: rpc.UNKNOWN}).changes


def test_what_is_read_is_what_was_promised() -> None:
    outs = PROVIDER.create(props("a")).outs

    assert PROVIDER.read("id", outs).outs == outs
    PROVIDER.delete("id", outs)
