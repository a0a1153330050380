"""Terraform configuration: the same resources, for another engine."""

from collections.abc import Mapping
from typing import Any

from automation.manifests import terraform_providers as providers
from automation.manifests.declared import SECRET, Lookup, Plan, Resource
from automation.manifests.hcl import Block, Expression, block
from automation.manifests.kubernetes import is_secret, manifest, secret_names
from automation.manifests.terraform_names import MAPS, RENAMED, argument, label, snake, type_name
from automation.manifests.terraform_values import Values

FOLDER = "terraform"
TYPED = ("aws", "random", "vercel")
"""Packages of the engine that are made from Terraform's providers."""
ATTRIBUTES = ("vercel",)
"""Among them, those whose objects are attributes and not blocks."""


def files(plan: Plan) -> dict[str, str]:
    """Return the configuration: providers, variables, lookups, and the resources."""
    values = Values(plan)
    made = [
        text
        for each in plan.resources
        if not each.type.startswith("pulumi") and (text := _resource(each, values))
    ]
    if not made:
        return {}
    found = [_data(each, values) for each in plan.lookups]
    content = {
        "main.tf": [*found, *made],
        "providers.tf": providers.blocks(plan, values),
        # last: only then is known what they stand for
        "variables.tf": [
            block("variable", Block((name,), each)) for name, each in values.variables.items()
        ],
    }
    return {f"{FOLDER}/{name}": "\n\n".join(texts) + "\n" for name, texts in content.items()}


def _resource(each: Resource, values: Values) -> str:
    if is_secret(each):
        kind, body = "kubernetes_secret_v1", _secret(each, values)
    elif each.type.startswith("kubernetes:"):
        kind, body = "kubernetes_manifest", {"manifest": values.of(manifest(each))}
    elif each.type.partition(":")[0] in TYPED:
        kind, body = type_name(each.type), _typed(each, values)
    else:
        return ""
    return block("resource", Block((kind, label(each.name)), {**body, **_meta(each, values)}))


def _meta(each: Resource, values: Values) -> dict[str, Any]:
    mentioned = values.mentioned_by(each)
    after = [
        Expression(address)
        for name in each.depends_on
        if name not in mentioned and (address := values.address(name))
    ]
    kept = {"lifecycle": Block((), {"prevent_destroy": True})} if each.protect else {}
    return {**({"depends_on": after} if after else {}), **kept}


def _typed(each: Resource, values: Values) -> dict[str, Any]:
    attributes = each.type.partition(":")[0] in ATTRIBUTES
    renamed = RENAMED.get(each.type, {})
    given = {renamed.get(key, key): value for key, value in each.inputs.items()}
    return _arguments(given, values, f"{label(each.name)}", attributes=attributes)


def _arguments(
    given: Mapping[str, Any], values: Values, where: str, *, attributes: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, each in given.items():
        name = snake(key)
        if each == [] and not attributes:
            continue  # of an empty list nobody can tell whether it stands for blocks
        objects = isinstance(each, list) and bool(each) and isinstance(each[0], dict)
        if isinstance(each, dict) and SECRET in each:
            found[name] = values.secret(f"{where}_{name}", each[SECRET])
        elif name in MAPS or not (objects or isinstance(each, dict)):
            found[name] = values.of(each)
        else:
            called = argument(key, repeated=objects and not attributes)
            inner = [
                _arguments(one, values, f"{where}_{called}", attributes=attributes)
                for one in (each if objects else [each])
            ]
            wrapped = inner if attributes else [Block((), one) for one in inner]
            found[called] = wrapped if objects else wrapped[0]
    return found


def _secret(each: Resource, values: Values) -> dict[str, Any]:
    about = {key: value for key, value in manifest(each)["metadata"].items() if value}
    held = values.secret(label(each.name), secret_names(each))
    return {
        "type": "Opaque",
        "immutable": True,
        "data": held,
        "metadata": Block((), values.of(about)),
    }


def _data(each: Lookup, values: Values) -> str:
    body = _arguments(each.args, values, label(each.name), attributes=False)
    return block("data", Block((type_name(each.token), label(each.name)), body))
