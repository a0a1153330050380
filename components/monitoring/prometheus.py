"""Monitoring of an environment whose backend's cluster has the Prometheus operator."""

import pulumi

from components.backend.kubernetes_objects import COMPONENT, NAME
from components.contract.alerting.rules import limits_of
from components.contract.desired import DesiredState
from components.label_values import label_values
from components.monitoring.base import PAGERDUTY, SLACK, MonitoringArgs
from components.monitoring.prometheus_stack import PrometheusArgs, PrometheusMonitoring

METRICS_PATH = "/metrics"
INSTANCE = "app.kubernetes.io/instance"


def metrics_path(state: DesiredState) -> str:
    """Return where the live release exposes its metrics, else where most applications do."""
    release = state.live_release()
    artifact = release.backend if release else None
    return (artifact.metrics_path if artifact else None) or METRICS_PATH


def declare(
    name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None
) -> PrometheusMonitoring:
    """Declare monitoring in the cluster of the foundation."""
    foundation, settings = args.foundation, args.foundation.settings
    labels = label_values(foundation.tags())
    pairs = (pair.partition("=") for pair in settings.prometheus_labels.split(",") if pair)
    return PrometheusMonitoring(
        name,
        PrometheusArgs(
            provider=foundation.cluster.provider,
            namespace=foundation.cluster.namespace,
            application=foundation.application,
            environment=foundation.environment,
            limits=foundation.state.apply(limits_of),
            path=foundation.state.apply(metrics_path),
            selector={COMPONENT: NAME, INSTANCE: labels[INSTANCE]},
            labels=labels,
            chosen_by={key: value for key, _, value in pairs},
            url=settings.prometheus_url,
            email=settings.notification_email,
            credentials={key: args.given[key] for key in (SLACK, PAGERDUTY) if key in args.given},
        ),
        opts,
    )
