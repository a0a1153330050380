"""What the Prometheus operator and Grafana's side-car are given. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.contract.alerting.promql import INTERVAL
from components.contract.desired import SLOTS
from components.monitoring.base import PAGERDUTY, SLACK

Spec = dict[str, Any]
GROUP = "monitoring.coreos.com"
SCRAPE_TIMEOUT = "10s"
SERVICE = "__meta_kubernetes_service_name"
RELEASE = "__meta_kubernetes_pod_label_slipway_release"
OF_A_SLOT = f"backend-({'|'.join(SLOTS)})"
URGENT = "critical|high"
"""Severities that somebody is woken up for."""
PORT = "http"


def service_monitor(
    namespace: str, path: str, selector: Mapping[str, str], known: Mapping[str, str]
) -> Spec:
    """Return what scrapes the replicas of both slots, and labels what they say.

    A label of the same name that the application sets itself becomes `exported_<name>`.
    """
    slot = {"sourceLabels": [SERVICE], "regex": OF_A_SLOT}
    relabelings: list[Spec] = [
        {**slot, "action": "keep"},
        {**slot, "targetLabel": "slot", "replacement": "$1"},
        {"sourceLabels": [RELEASE], "targetLabel": "release"},
        *({"targetLabel": name, "replacement": value} for name, value in known.items()),
    ]
    endpoint = {
        "port": PORT,
        "path": path,
        "interval": INTERVAL,
        "scrapeTimeout": SCRAPE_TIMEOUT,
        "relabelings": relabelings,
    }
    return {
        "selector": {"matchLabels": dict(selector)},
        "namespaceSelector": {"matchNames": [namespace]},
        "endpoints": [endpoint],
    }


def receivers(secret: str, email: str, given: Sequence[str]) -> dict[str, Spec]:
    """Return the receivers of what is given, by channel; credentials are named, not written.

    Mail goes by the server that Alertmanager is configured with.
    """
    found: dict[str, Spec] = {}
    if email:
        found["email"] = {"emailConfigs": [{"to": email, "sendResolved": True}]}
    if SLACK in given:
        hook = {"name": secret, "key": SLACK}
        found["slack"] = {
            "slackConfigs": [
                {
                    "apiURL": hook,
                    "sendResolved": True,
                    "title": "{{ .Status | toUpper }} {{ .CommonLabels.alertname }}",
                    "text": "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ end }}"
                    "{{ .CommonAnnotations.description }}",
                }
            ]
        }
    if PAGERDUTY in given:
        key = {"name": secret, "key": PAGERDUTY}
        # PagerDuty knows neither high nor medium.
        severity = '{{ if eq .CommonLabels.severity "critical" }}critical{{ else }}error{{ end }}'
        found["pagerduty"] = {
            "pagerdutyConfigs": [{"routingKey": key, "sendResolved": True, "severity": severity}]
        }
    return found


def routing(channels: Mapping[str, Spec]) -> Spec:
    """Return who is told of what: all channels of everything, a pager of what is urgent."""
    urgent = {"name": "severity", "value": URGENT, "matchType": "=~"}
    routes = [
        {
            "receiver": name,
            "continue": True,
            **({"matchers": [urgent]} if name == "pagerduty" else {}),
        }
        for name in channels
    ]
    return {
        "route": {
            "receiver": "nobody",
            "groupBy": ["alertname", "slot"],
            "groupWait": "30s",
            "groupInterval": "5m",
            "repeatInterval": "4h",
            "routes": routes,
        },
        "receivers": [
            {"name": "nobody"},
            *({"name": name, **config} for name, config in channels.items()),
        ],
    }
