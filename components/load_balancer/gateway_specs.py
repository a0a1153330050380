"""A Gateway, what refers to it, and the way from HTTP to HTTPS. Pure."""

from typing import Any

Spec = dict[str, Any]
GROUP = "gateway.networking.k8s.io"
PERMANENTLY = 301


def parent(gateway: str, listener: str = "") -> Spec:
    """Return what a route refers to a Gateway by: `name`, or `namespace/name[/listener]`.

    Raise ValueError for anything else.
    """
    parts = gateway.split("/")
    if len(parts) > 3 or not all(parts):
        raise ValueError(
            f"slipway:kubernetesGateway: expected namespace/name or namespace/name/listener, "
            f"got {gateway!r}"
        )
    found: Spec = {"group": GROUP, "kind": "Gateway"}
    if len(parts) == 1:
        found["name"] = parts[0]
    else:
        found["namespace"], found["name"], *listeners = parts
        listener = listeners[0] if listeners else listener
    return {**found, **({"sectionName": listener} if listener else {})}


def gateway(gateway_class: str, domain: str, certificate: str) -> Spec:
    """Return the specification of a Gateway for one host, with TLS from the Secret."""
    own = {"namespaces": {"from": "Same"}}
    tls = {
        "mode": "Terminate",
        "certificateRefs": [{"group": "", "kind": "Secret", "name": certificate}],
    }
    http = {"name": "http", "protocol": "HTTP", "port": 80}
    https = {"name": "https", "protocol": "HTTPS", "port": 443, "tls": tls}
    return {
        "gatewayClassName": gateway_class,
        "listeners": [
            {**listener, "hostname": domain, "allowedRoutes": own} for listener in (http, https)
        ],
    }


def redirect(domain: str, where: Spec) -> Spec:
    """Return the specification of a route that sends every request on to HTTPS."""
    to = {"scheme": "https", "statusCode": PERMANENTLY}
    return {
        "parentRefs": [where],
        "hostnames": [domain],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "filters": [{"type": "RequestRedirect", "requestRedirect": to}],
            }
        ],
    }
