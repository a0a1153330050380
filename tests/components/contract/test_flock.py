import errno
import fcntl
import os

import pytest

from components.contract import flock


@pytest.fixture
def opened(tmp_path):
    """Open a file, each time for somebody else."""
    descriptors = []

    def begin() -> int:
        descriptors.append(os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT))
        return descriptors[-1]

    yield begin
    for each in descriptors:
        os.close(each)


@pytest.fixture
def refusing(monkeypatch):
    """Let the system refuse every lock with an error."""

    def refuse(number: int) -> None:
        def flock_(_descriptor: int, _kind: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(fcntl, "flock", flock_)

    return refuse


def test_what_somebody_has_is_not_taken(opened):
    mine, theirs = opened(), opened()

    assert flock.taken(mine)
    assert not flock.taken(theirs)
    assert not flock.taken(theirs, fcntl.LOCK_SH)


def test_who_only_asks_does_not_shut_out_others_who_ask(opened):
    assert all(flock.taken(opened(), fcntl.LOCK_SH) for _ in range(2))


@pytest.mark.parametrize("number", flock.UNSUPPORTED, ids=errno.errorcode.get)
def test_where_there_are_no_locks_everybody_gets_on(opened, refusing, number):
    refusing(number)

    flock.wait(opened())

    assert flock.taken(opened())


def test_another_error_is_told(opened, refusing):
    refusing(errno.EIO)

    for lock in (flock.taken, flock.wait):
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            lock(opened())
