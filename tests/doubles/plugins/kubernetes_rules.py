"""What an API server refuses although the types allow it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.doubles.plugins.shapes import Problem
from tests.doubles.plugins.values import UNKNOWN, at, leaves

LABEL = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
KEY = re.compile(r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")
NAME = re.compile(r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
SHORT = {"Service": 63, "Namespace": 63}
QUANTITY = re.compile(r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|n|u)?$")
MAXIMUM_WEIGHT = 1_000_000


def broken(made: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with an object."""
    yield from _metadata(made)
    kind = made.get("kind")
    if not _is_known(made):
        return
    if kind in ("Deployment", "StatefulSet", "DaemonSet"):
        yield from _selector(made)
    if kind in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
        yield from _pod(at(made, "spec.template.spec") or {}, "spec.template.spec")
    rules = RULES.get(str(kind))
    if rules and made.get("spec") not in (None, UNKNOWN):
        yield from rules(made["spec"])


def _is_known(made: Mapping[str, Any]) -> bool:
    """Tell whether a preview knows the pods at all, or will only once something else is made."""
    return UNKNOWN not in (at(made, "spec"), at(made, "spec.template"))


def _metadata(made: Mapping[str, Any]) -> Iterator[Problem]:
    name = at(made, "metadata.name")
    limit = SHORT.get(str(made.get("kind")), 253)
    rbac = str(made.get("apiVersion", "")).startswith("rbac.")
    if isinstance(name, str) and name != UNKNOWN and not rbac:
        if not NAME.match(name) or (limit == 63 and "." in name):
            yield "metadata.name", f"{name!r} is no lowercase RFC 1123 name"
        if len(name) > limit:
            yield "metadata.name", f"{name!r} is longer than {limit} characters"
    for where in ("metadata.labels", "spec.template.metadata.labels"):
        for key, value in (_map(at(made, where))).items():
            if not KEY.match(key) or len(key.rpartition("/")[2]) > 63:
                yield where, f"{key!r} is no name of a label"
            if isinstance(value, str) and value != UNKNOWN:
                if len(value) > 63:
                    yield f"{where}.{key}", f"{value!r} is longer than 63 characters"
                elif not LABEL.match(value):
                    yield f"{where}.{key}", f"{value!r} is no value of a label"


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _selector(made: Mapping[str, Any]) -> Iterator[Problem]:
    labels = _map(at(made, "spec.template.metadata.labels"))
    for key, value in _map(at(made, "spec.selector.matchLabels")).items():
        if labels.get(key) not in (value, UNKNOWN) and value != UNKNOWN:
            yield "spec.template.metadata.labels", f"`selector` does not match: {key}={value}"


def _pod(spec: Mapping[str, Any], where: str) -> Iterator[Problem]:
    if not spec.get("containers"):
        yield f"{where}.containers", "a pod has at least one container"
    volumes = {each.get("name") for each in spec.get("volumes") or () if isinstance(each, Mapping)}
    for group in ("containers", "initContainers"):
        for index, one in enumerate(_list(spec.get(group))):
            yield from _container(one, volumes, f"{where}.{group}[{index}]")


def _list(value: Any) -> list[Any]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _container(one: Mapping[str, Any], volumes: set[Any], where: str) -> Iterator[Problem]:
    if not one.get("image"):
        yield f"{where}.image", "required value"
    for each in _list(one.get("volumeMounts")):
        if each.get("name") not in volumes:
            yield f"{where}.volumeMounts", f"no volume is called {each.get('name')!r}"
    names = [each.get("name") for each in _list(one.get("env"))]
    for name in sorted({str(each) for each in names if names.count(each) > 1}):
        yield f"{where}.env", f"{name} is given twice"
    for each in _list(one.get("env")):
        if each.get("value") is not None and each.get("valueFrom"):
            yield f"{where}.env", f"{each.get('name')} has `value` and `valueFrom`"
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        given = _map(one.get(probe))
        handlers = [name for name in ("exec", "grpc", "httpGet", "tcpSocket") if given.get(name)]
        if given and len(handlers) != 1:
            yield f"{where}.{probe}", "has exactly one of exec, grpc, httpGet, tcpSocket"
    for path, value in leaves(_map(one.get("resources"))):
        if (
            path[0] in ("limits", "requests")
            and value != UNKNOWN
            and not QUANTITY.match(str(value))
        ):
            yield f"{where}.resources.{path[0]}", f"{value!r} is no quantity"


def _service(spec: Mapping[str, Any]) -> Iterator[Problem]:
    ports = _list(spec.get("ports"))
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield "spec.ports", "required value"
    if len(ports) > 1 and not all(each.get("name") for each in ports):
        yield "spec.ports", "each of several ports has a name"


def _autoscaler(spec: Mapping[str, Any]) -> Iterator[Problem]:
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        yield "spec.maxReplicas", f"{most} is less than minReplicas {least}"


def _budget(spec: Mapping[str, Any]) -> Iterator[Problem]:
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield "spec", "minAvailable and maxUnavailable are mutually exclusive"


def _route(spec: Mapping[str, Any]) -> Iterator[Problem]:
    for index, rule in enumerate(_list(spec.get("rules"))):
        weights = [each.get("weight", 1) for each in _list(rule.get("backendRefs"))]
        for weight in weights:
            if weight != UNKNOWN and not 0 <= weight <= MAXIMUM_WEIGHT:
                yield f"spec.rules[{index}].backendRefs", f"weight {weight} is out of range"


RULES = {
    "Service": _service,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
    "HTTPRoute": _route,
}
