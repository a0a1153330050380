"""Who evaluates the alert rules."""

from collections.abc import Mapping
from typing import Final

from automation.evaluators.base import Evaluator
from automation.evaluators.cloudwatch import CloudWatchEvaluator
from automation.evaluators.prometheus import PrometheusEvaluator

EVALUATORS: Final[Mapping[str, type[Evaluator]]] = {
    "prometheus": PrometheusEvaluator,
    "cloudwatch": CloudWatchEvaluator,
}
