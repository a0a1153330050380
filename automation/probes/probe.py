"""One request of a prober, and the weights that held when it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.contract.desired import SlotName
from components.contract.release import ServiceName

Weights = Mapping[ServiceName, Mapping[SlotName, int]]
"""service -> slot -> weight"""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request: seconds since the first one when it was sent, and what came back."""

    at: float
    service: ServiceName
    path: str
    status: int | None
    error: str | None
    milliseconds: float
    release: str | None

    @property
    def answer(self) -> str:
        """Return the status code, or why there was none."""
        return str(self.status or self.error)

    @property
    def failed(self) -> bool:
        """Tell whether nothing came back, or a server error."""
        return self.status is None or self.status >= 500


@dataclass(frozen=True)
class WeightChange:
    """The weights from a moment on, in seconds since the start."""

    at: float
    weights: Weights
