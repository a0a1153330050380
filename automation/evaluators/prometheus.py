"""The rules that a Prometheus has loaded."""

from collections.abc import Collection, Mapping
from typing import Any

import httpx

from automation.evaluators.base import NotEvaluated
from automation.polling import SystemClock
from automation.probes.exchange import NoAnswer, describe, exchange
from components.contract.statistics import NotAnAddress, PrometheusAddress


class PrometheusEvaluator:
    """Asks the API of a Prometheus, whose URL is a PrometheusAddress."""

    def __init__(self, address: str, client: httpx.Client) -> None:
        self._url = address
        self._client = client

    def loaded(self, prefix: str, rules: Collection[str]) -> Mapping[str, str]:
        """Return `inactive`, `pending` or `firing` of each rule that is evaluated without error."""
        body = self._ask()
        try:
            return {
                rule["name"]: str(rule["state"])
                for group in body["data"]["groups"]
                if str(group["name"]).startswith(f"{prefix}-")
                for rule in group["rules"]
                if rule["name"] in rules and rule["health"] != "err"
            }
        except (KeyError, TypeError) as error:
            raise NotEvaluated("Prometheus: the answer has another shape") from error

    def _ask(self) -> Any:
        try:
            base = PrometheusAddress.parse(self._url).base_url
            request = self._client.build_request("GET", f"{base}/api/v1/rules?type=alert")
            answer = exchange(self._client, request, clock=SystemClock())
            if answer.status != 200:
                raise NotEvaluated(f"Prometheus: status {answer.status}")
            return answer.json()
        except NotAnAddress as error:
            raise NotEvaluated(str(error)) from error
        except (NoAnswer, httpx.InvalidURL) as error:
            raise NotEvaluated(f"Prometheus: {describe(error)}") from error
        except ValueError as error:
            raise NotEvaluated("Prometheus: the answer is not JSON") from error
