"""An environment whose backend is at AWS, to declare; and what is looked for at AWS."""

import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any

from components.contract.desired import DesiredState
from tests.components import clusters
from tests.components.clusters import released
from tests.components.examples import live
from tests.doubles.program import Declared

CHOSEN: dict[str, Any] = {
    "backend_platform": "aws_eks",
    "load_balancer_platform": "aws_alb",
    "certificate_platform": "aws_acm",
    "dns_platform": "aws_route53",
    "secrets_platform": "aws_secrets_manager",
    "domain": "shop.example.com",
    "route53_zone": "example.com",
    "aws_region": "eu-central-1",
}
CLUSTER, NETWORK = "application-cluster", "application-cluster-network"
BALANCER, SECRETS = "application-load-balancer", "application-secrets"


def declared(state: DesiredState, name: str = "production", **changes: Any) -> Declared:
    """Declare the whole application with the backend at AWS."""
    return clusters.declared(state, name, **{**CHOSEN, **changes})


@cache
def usual(name: str = "production", **changes: Any) -> Declared:
    """Declare it with one release, once for all tests that ask for the same."""
    return declared(live(released()), name, **changes)


def of_kind(found: Declared, kind: str) -> dict[str, dict[str, Any]]:
    """Map the names of the resources of a type to their inputs."""
    return {
        name: found.inputs[name]
        for name, path in found.types().items()
        if path.rpartition("$")[2] == kind
    }


def at_aws(found: Declared) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield name, type and inputs of whatever is at AWS."""
    for name, path in found.types().items():
        kind = path.rpartition("$")[2]
        if kind.startswith("aws:"):
            yield name, kind, found.inputs[name]


def takes_tags(kind: str) -> bool:
    """Tell whether a type has tags."""
    _, module, name = kind.split(":")
    package = importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}")
    return "tags" in inspect.signature(getattr(package, name)._internal_init).parameters
