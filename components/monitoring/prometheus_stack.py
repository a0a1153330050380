"""Alert rules, scraping, receivers and a dashboard, in a cluster with the Prometheus operator."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pulumi
import pulumi_kubernetes as kubernetes

from components.contract.alerting import dashboard, promql
from components.contract.alerting.promql import Exporter, Where
from components.contract.alerting.rules import Limits
from components.contract.statistics import PrometheusAddress
from components.monitoring import prometheus_objects as objects
from components.monitoring.base import PAGERDUTY, SLACK
from components.physical_names import within

NAME_LIMIT = 63
EXPORTERS: tuple[Exporter, ...] = ("application", "kubernetes")


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """`application` and `environment` name the series, as their labels `app` and `env`.

    `path` is where a replica exposes its metrics, `url` where Prometheus itself is asked.
    `selector` are labels of the slots' Services, `chosen_by` those that the operator selects its
    own objects by. `credentials` are addresses and
    keys of receivers, by the names in base.py; `email` is told by Alertmanager's own mail server.
    """

    provider: pulumi.ProviderResource
    namespace: pulumi.Output[str]
    application: str
    environment: str
    limits: pulumi.Output[Limits]
    path: pulumi.Output[str]
    selector: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    chosen_by: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    email: str = ""
    credentials: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for credentials that no receiver takes."""
        if unknown := set(self.credentials) - {SLACK, PAGERDUTY}:
            raise ValueError(f"credentials: expected {SLACK} or {PAGERDUTY}, got {sorted(unknown)}")

    @property
    def name(self) -> str:
        """Return how the objects are called in their namespace."""
        return within(NAME_LIMIT, f"{self.application}-{self.environment}")


class PrometheusMonitoring(pulumi.ComponentResource):
    """What the operator turns into the configuration of Prometheus and Alertmanager.

    Credentials are in a Secret, and nowhere else. `summary` is that of base.py.
    """

    TYPE: ClassVar[str] = "slipway:monitoring:Prometheus"
    summary: pulumi.Output[dict[str, object]]

    def __init__(
        self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the objects."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        known = {"app": args.application, "env": args.environment}
        groups = pulumi.Output.all(args.limits, args.namespace).apply(self._groups)
        self._custom("rules", "PrometheusRule", "v1", groups.apply(lambda g: {"groups": g}))
        self._custom(
            "scraping",
            "ServiceMonitor",
            "v1",
            pulumi.Output.all(args.namespace, args.path).apply(
                lambda k: objects.service_monitor(k[0], k[1], args.selector, known)
            ),
        )
        channels = self._receivers()
        self._dashboard()
        address = PrometheusAddress(
            base_url=args.url, application=args.application, environment=args.environment
        )
        self.summary = groups.apply(
            lambda g: {
                "platform": "prometheus",
                "address": address.url,
                "prefix": f"{args.application}-{args.environment}",
                "alert_rules": len(promql.names(g)),
                "rules": list(promql.names(g)),
                "dashboards": [f"Grafana: {args.application} in {args.environment}"],
                "channels": channels,
                "blind": [],
            }
        )
        self.register_outputs({"summary": self.summary})

    def _where(self, namespace: str) -> Where:
        return Where(self._args.application, self._args.environment, namespace)

    def _groups(self, known: list[Any]) -> list[dict[str, Any]]:
        limits, namespace = known
        return promql.groups(limits, self._where(namespace), EXPORTERS)

    def _receivers(self) -> list[str]:
        args = self._args
        channels = [*objects.receivers("", args.email, [*args.credentials])]
        if channels:
            spec = self._credentials().apply(
                lambda secret: objects.routing(
                    objects.receivers(secret, args.email, [*args.credentials])
                )
            )
            self._custom("routing", "AlertmanagerConfig", "v1alpha1", spec)
        return channels

    def _credentials(self) -> pulumi.Output[str]:
        """Declare the Secret with what receivers need; return its name, empty without one."""
        credentials = self._args.credentials
        if not credentials:
            return pulumi.Output.from_input("")
        made = kubernetes.core.v1.Secret(
            f"{self._name}-receivers",
            # Not named: whenever its content changes, another is there before it goes.
            metadata=self._about(),
            string_data={
                key: pulumi.Output.secret(value)  # type: ignore[arg-type]
                for key, value in credentials.items()
            },
            opts=self._inside(),
        )
        named: pulumi.Output[str] = made.metadata.apply(lambda metadata: metadata["name"])
        return named

    def _dashboard(self) -> None:
        drawn = pulumi.Output.all(self._args.limits, self._args.namespace).apply(
            lambda k: json.dumps(dashboard.dashboard(k[0], self._where(k[1])))
        )
        about = self._about()
        kubernetes.core.v1.ConfigMap(
            f"{self._name}-dashboard",
            # What Grafana's side-car looks for.
            metadata={**about, "labels": {**about["labels"], "grafana_dashboard": "1"}},
            data={f"{self._args.name}.json": drawn},
            opts=self._inside(),
        )

    def _custom(self, noun: str, kind: str, version: str, spec: Any) -> None:
        kubernetes.apiextensions.CustomResource(
            f"{self._name}-{noun}",
            api_version=f"{objects.GROUP}/{version}",
            kind=kind,
            metadata={**self._about(), "name": self._args.name},
            spec=spec,
            opts=self._inside(),
        )

    def _about(self) -> dict[str, Any]:
        labels = {**self._args.labels, **self._args.chosen_by}
        return {"namespace": self._args.namespace, "labels": labels}

    def _inside(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=self._args.provider)
