"""What every platform of the backend offers."""

from typing import Protocol

import pulumi


class Backend(Protocol):
    """Two slots; `endpoints` maps each to the URLs of its replicas, as the driver reaches them."""

    endpoints: pulumi.Output[dict[str, list[str]]]
