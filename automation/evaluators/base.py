"""What is asked of whoever evaluates the alert rules."""

from collections.abc import Collection, Mapping
from typing import Protocol

import httpx


class NotEvaluated(RuntimeError):
    """Whoever is to evaluate the rules did not answer, or not as expected."""


class Evaluator(Protocol):
    """Tells which rules it has. `address` is a PrometheusAddress or CloudWatchAddress as a URL."""

    def __init__(self, address: str, client: httpx.Client) -> None: ...

    def loaded(self, prefix: str, rules: Collection[str]) -> Mapping[str, str]:
        """Return the state of each of these rules that it has, by name. Raise NotEvaluated.

        `prefix` is `<application>-<environment>`, as the program names what it declares.
        """
        ...
