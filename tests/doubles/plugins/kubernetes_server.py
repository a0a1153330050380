"""A real API server behind the double of `kubernetes`, where one is given.

It admits, validates and keeps what is applied; nobody there makes anything ready, so what the
controllers would say is still the double's.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.doubles.plugins.comparison import INTERNAL
from tests.doubles.plugins.provider import Refused

if TYPE_CHECKING:
    from tests.doubles.kubernetes.client import Client

VARIABLE = "SLIPWAY_DOUBLES_KUBERNETES"
"""Names the kubeconfig file that leads to it, with a token in it."""
GIVEN_BY_SERVER = ("uid", "creationTimestamp", "generation", "resourceVersion")


def apply(made: Mapping[str, Any]) -> dict[str, Any]:
    """Apply an object; return what the server adds to its metadata. Raise Refused."""
    client = _client()
    if client is None:
        return {}
    from tests.doubles.kubernetes.client import Refused as ServerRefused

    try:
        there = client.apply(_plain(made))
    except ServerRefused as error:
        raise Refused(str(error)) from error
    about = there["metadata"]
    return {name: about[name] for name in GIVEN_BY_SERVER if name in about}


def delete(gone: Mapping[str, Any]) -> None:
    """Delete an object; what is not there any more is fine."""
    client = _client()
    if client is not None:
        client.delete(gone)


def has(thing: Mapping[str, Any]) -> bool:
    """Tell whether the server has an object."""
    client = _client()
    return client is None or client.get(thing) is not None


def _plain(made: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in made.items() if v is not None and not k.startswith(INTERNAL)}


def _client() -> "Client | None":
    path = os.environ.get(VARIABLE)
    return _connected(path) if path else None


@cache
def _connected(path: str) -> "Client":
    # Loaded here: a plugin without a server starts faster.
    from tests.doubles.kubernetes.client import Client

    content = yaml.safe_load(Path(path).read_text())
    cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
    return Client(cluster["server"], user["token"], cluster["certificate-authority"])
