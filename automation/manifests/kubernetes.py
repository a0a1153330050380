"""Kubernetes YAML: one file for each object, for `kubectl apply -k`."""

from typing import Any

import yaml

from automation.manifests.declared import SECRET, Plan, Resource
from automation.manifests.references import found_in, replaced, shell, variable

FOLDER = "kubernetes"
ENGINES_OWN = "pulumi.com/"
FIRST = ("Namespace", "ServiceAccount", "NetworkPolicy", "Service")
"""Kinds that others need; `kubectl` takes objects in the order of the files."""
Object = dict[str, Any]


def files(plan: Plan) -> dict[str, str]:
    """Return the objects, what lists them, and what is to be known before applying them."""
    found = [each for each in plan.of_package("kubernetes") if not is_secret(each)]
    if not found:
        return {}
    found.sort(key=lambda each: (_rank(each), each.name))
    named = {_file(each): _text(each) for each in found}
    listed = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(named),
    }
    content = {**named, "kustomization.yaml": dump(listed), "README.md": _readme(plan, found)}
    return {f"{FOLDER}/{name}": text for name, text in content.items()}


def is_secret(each: Resource) -> bool:
    """Tell whether an object holds secrets: it is made from the operator's, never written down."""
    return each.type == "kubernetes:core/v1:Secret"


def manifest(each: Resource) -> Object:
    """Return an object without what only the engine understands."""
    made = dict(each.inputs)
    about = dict(made["metadata"])
    kept = {
        key: value
        for key, value in about.pop("annotations", {}).items()
        if not key.startswith(ENGINES_OWN)
    }
    return {
        "apiVersion": made.pop("apiVersion"),
        "kind": made.pop("kind"),
        "metadata": {**about, **({"annotations": kept} if kept else {})},
        **{key: value for key, value in made.items() if key != "metadata"},
    }


def secret_names(each: Resource) -> list[str]:
    """List the names of what a Secret holds."""
    held = {**each.inputs.get("data", {}), **each.inputs.get("stringData", {})}
    return sorted(held.get(SECRET, []))


def dump(value: Any) -> str:
    """Write YAML, keys in their own order."""
    return yaml.safe_dump(value, sort_keys=False, width=100)


def _rank(each: Resource) -> int:
    kind = each.inputs.get("kind")
    return FIRST.index(kind) if kind in FIRST else len(FIRST)


def _file(each: Resource) -> str:
    about = each.inputs["metadata"]["name"]
    return f"{each.inputs['kind'].lower()}-{about}.yaml"


def _text(each: Resource) -> str:
    return dump(replaced(manifest(each), shell))


def _readme(plan: Plan, found: list[Resource]) -> str:
    secrets = [each for each in plan.of_package("kubernetes") if is_secret(each)]
    asked = sorted({reference for each in found for reference in found_in(each.inputs)})
    text = [f"# Kubernetes objects of {plan.environment}", ""]
    if asked:
        text += [
            "Set these variables first; they stand for what other systems know:",
            "",
            *(f"- `{variable(*each)}`: `{each[1]}` of `{each[0]}`" for each in asked),
            "",
            "```",
            "kubectl kustomize . | envsubst | kubectl apply --server-side -f -",
            "```",
        ]
    else:
        text += ["```", "kubectl apply --server-side -k .", "```"]
    used = [each for each in secrets if secret_names(each)]
    if used:
        text += [
            "",
            "Secrets are not in these files. Make them first, from a file of your own:",
            "",
        ]
    for each in used:
        about = each.inputs["metadata"]
        text += [
            f"- `kubectl create secret generic {about['name']} --namespace {about['namespace']} "
            f"--from-env-file=FILE`, with " + ", ".join(f"`{n}`" for n in secret_names(each)),
        ]
    return "\n".join(text) + "\n"
