"""Choose the public address, once: afterwards it is what the stack remembers."""

import itertools
import socket

from automation.errors import Blocked
from automation.reservation import Reservations
from components.contract.desired import Address
from components.contract.platforms import LOAD_BALANCERS
from components.contract.ports import is_free
from components.contract.settings import Settings

FIRST_PORT, HTTPS = 8443, 443
LOCAL_SUFFIX = "localhost"


def choose(
    application: str,
    settings: Settings,
    known: Address | None,
    reservations: Reservations,
    *,
    first: int = FIRST_PORT,
) -> Address:
    """Return the address: what is configured, else what is known, else a free one from `first` on.

    Raise Blocked where a configured port is taken by somebody else.
    """
    if LOAD_BALANCERS[settings.load_balancer_platform].remote:
        return Address(host=settings.domain, port=settings.public_port or HTTPS)
    host = settings.domain or (known.host if known else _local_host(application))
    if port := settings.public_port:
        if (known is None or known.port != port) and not is_free(port):
            raise Blocked(
                f"port {port} is taken by somebody else",
                hint="Free it, or set slipway:publicPort to another (0: one is chosen).",
            )
        return Address(host=host, port=port)
    if known is not None:
        reservations.take(known.port)
        return Address(host=host, port=known.port)
    return Address(host=host, port=_reserved(reservations, first))


def _reserved(reservations: Reservations, first: int) -> int:
    ports = itertools.count(first)
    return next(port for port in ports if is_free(port) and reservations.take(port))


def _local_host(application: str) -> str:
    # Browsers and curl know that *.localhost is this machine; not every resolver does.
    name = f"{application}.{LOCAL_SUFFIX}"
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return LOCAL_SUFFIX
    return name
