"""Where the numbers come from."""

from collections.abc import Mapping
from typing import Final

from automation.metrics.base import Source
from automation.metrics.cloudwatch import CloudWatchSource
from automation.metrics.envoy import EnvoySource
from automation.metrics.prometheus import PrometheusSource

SOURCES: Final[Mapping[str, type[Source]]] = {
    "envoy": EnvoySource,
    "prometheus": PrometheusSource,
    "cloudwatch": CloudWatchSource,
}
