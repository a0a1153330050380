"""Where the numbers come from."""

from collections.abc import Mapping
from typing import Final

from automation.metrics.base import Source
from automation.metrics.envoy import EnvoySource

SOURCES: Final[Mapping[str, type[Source]]] = {"envoy": EnvoySource}
