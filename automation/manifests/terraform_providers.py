"""The providers of a Terraform configuration, from those of the engine."""

import json
from typing import Any

from automation.manifests.declared import Plan, Resource
from automation.manifests.hcl import Block, Expression, block
from automation.manifests.hcl import value as written
from automation.manifests.terraform_names import snake
from automation.manifests.terraform_values import Values

MINIMUM = ">= 1.5"
SOURCES = {
    "aws": ("hashicorp/aws", "~> 6.0"),
    "kubernetes": ("hashicorp/kubernetes", "~> 2.36"),
    "random": ("hashicorp/random", "~> 3.6"),
    "vercel": ("vercel/vercel", "~> 5.21"),
}
"""Where each is, and the versions that the engine's own are made from."""
PROVIDER = "pulumi:providers:"
NESTED = ("default_tags", "ignore_tags", "assume_role")
NOT_TERRAFORMS = ("skip_region_validation", "skip_credentials_validation", "cluster_identifier")


def blocks(plan: Plan, values: Values) -> list[str]:
    """Return what is required, and how each provider is set up."""
    used = [name for name in SOURCES if plan.of_package(name)]
    required = {name: {"source": SOURCES[name][0], "version": SOURCES[name][1]} for name in used}
    given = {each.type.removeprefix(PROVIDER): each for each in plan.of_package("pulumi")}
    needed = Block((), {"required_providers": Block((), required), "required_version": MINIMUM})
    return [
        block("terraform", needed),
        *(
            block("provider", Block((name,), _body(name, given[name], values)))
            for name in used
            if name in given
        ),
    ]


def _body(name: str, provider: Resource, values: Values) -> dict[str, Any]:
    given = {key: _decoded(each) for key, each in provider.inputs.items()}
    if name == "kubernetes":
        return _cluster(given, values)
    found: dict[str, Any] = {}
    for key, each in given.items():
        called = snake(key)
        if called in NOT_TERRAFORMS or each in (None, ""):
            continue
        nested = called in NESTED and isinstance(each, dict)
        inner = values.of(each)
        found[called] = Block((), inner) if nested else inner
    return found


def _cluster(given: dict[str, Any], values: Values) -> dict[str, Any]:
    """Return how the cluster is reached: as the kubeconfig says, or by one of the operator's."""
    config = given.get("kubeconfig")
    if not isinstance(config, dict):
        context = given.get("context")
        path = {"config_path": Expression('pathexpand("~/.kube/config")')}
        return {**path, **({"config_context": context} if context else {})}
    cluster = config["clusters"][0]["cluster"]
    run = config["users"][0]["user"]["exec"]
    authority = values.of(cluster["certificate-authority-data"])
    return {
        "host": values.of(cluster["server"]),
        "cluster_ca_certificate": Expression(f"base64decode({written(authority)})"),
        "exec": Block(
            (),
            {
                "api_version": run["apiVersion"],
                "command": run["command"],
                "args": values.of(run["args"]),
            },
        ),
    }


def _decoded(each: Any) -> Any:
    """Return what the engine hands its providers as JSON."""
    if isinstance(each, str) and each[:1] in ("{", "["):
        try:
            return json.loads(each)
        except ValueError:
            return each
    return {"true": True, "false": False}.get(each, each) if isinstance(each, str) else each
