import contextlib
import socket
import subprocess
import sys

import pytest

from automation import address
from automation.errors import Blocked
from automation.home import PROJECT
from components.contract.desired import Address
from components.contract.settings import Settings

CHOOSE = """
from automation import address
from components.contract.settings import Settings
print(address.choose("shop", Settings(), None).port, flush=True)
input()
"""


@contextlib.contextmanager
def another_deployment():
    """Another process that has chosen a port, does not listen yet, and gives that port."""
    with subprocess.Popen(
        [sys.executable, "-c", CHOOSE],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield int(process.stdout.readline())
        process.communicate("\n")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_two_deployments_at_the_same_time_choose_two_ports():
    with another_deployment() as one, another_deployment() as two:
        assert one != two


def test_a_port_that_was_chosen_and_not_used_is_free_again():
    with another_deployment() as one:
        pass

    with another_deployment() as two:
        assert one == two


def test_a_known_address_is_kept():
    known = Address(host="shop.localhost", port=9)

    assert address.choose("shop", Settings(), known) == known


def test_a_configured_port_that_somebody_else_has_is_refused():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(Blocked, match=f"port {port} is taken by somebody else"):
            address.choose("shop", Settings(public_port=port), None)
