import contextlib
import os
import socket
import subprocess
import sys

import pytest

from automation import address
from automation.errors import Blocked
from automation.home import PROJECT
from automation.reservation import Reservations
from components.contract.desired import Address
from components.contract.settings import Settings

FIRST = 12000 + os.getpid() % 4000
"""Where nobody else looks: deployments of other tests come and go while these ask."""

CHOOSE = """
import sys
from pathlib import Path
from automation import address
from automation.reservation import Reservations
from components.contract.settings import Settings
reservations = Reservations(Path(sys.argv[1]), Path(sys.argv[2]))
first = int(sys.argv[3])
print(address.choose("shop", Settings(), None, reservations, first=first).port, flush=True)
input()
"""


@contextlib.contextmanager
def another_deployment(ports, owner):
    """Another process that has chosen a port, does not listen yet, and gives that port."""
    with subprocess.Popen(
        [sys.executable, "-c", CHOOSE, ports, owner, str(FIRST)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield int(process.stdout.readline())
        process.communicate("\n")


def test_two_deployments_at_the_same_time_choose_two_ports(tmp_path):
    with (
        another_deployment(tmp_path, tmp_path / "one") as one,
        another_deployment(tmp_path, tmp_path / "two") as two,
    ):
        assert one != two


def test_a_port_that_was_chosen_and_not_used_is_free_again(tmp_path):
    with another_deployment(tmp_path, tmp_path / "one") as one:
        pass

    with another_deployment(tmp_path, tmp_path / "two") as two:
        assert one == two


def test_a_port_stays_with_the_environment_that_runs_there_even_while_it_is_down(tmp_path):
    (tmp_path / "one" / "run").mkdir(parents=True)
    with another_deployment(tmp_path, tmp_path / "one") as one:
        pass

    with another_deployment(tmp_path, tmp_path / "two") as two:
        assert two != one
    with another_deployment(tmp_path, tmp_path / "one") as again:
        assert again == one
    (tmp_path / "one" / "run").rmdir()
    with another_deployment(tmp_path, tmp_path / "two") as two:
        assert two == one


def test_a_known_address_is_kept(tmp_path):
    known = Address(host="shop.localhost", port=9)

    assert (
        address.choose("shop", Settings(), known, Reservations(tmp_path, tmp_path / "shop"))
        == known
    )


def test_a_configured_port_that_somebody_else_has_is_refused(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(Blocked, match=f"port {port} is taken by somebody else"):
            address.choose(
                "shop", Settings(public_port=port), None, Reservations(tmp_path, tmp_path / "shop")
            )
