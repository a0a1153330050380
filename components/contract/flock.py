"""Locks of whole files, which end with the process that holds them, however that ends."""

import errno
import fcntl

UNSUPPORTED = (errno.EBADF, errno.EINVAL, errno.ENOTSUP)
"""A folder cannot be locked where locks are made for writers only, as NFS does it; some file
systems have none at all."""


def taken(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Lock what is open where nobody else has it, and tell whether."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in UNSUPPORTED:
            return True
        if isinstance(error, BlockingIOError):
            return False
        raise
    return True


def wait(descriptor: int, kind: int = fcntl.LOCK_EX) -> None:
    """Lock what is open, when nobody else has it any more."""
    try:
        fcntl.flock(descriptor, kind)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
