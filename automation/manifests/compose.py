"""A Docker Compose file: what runs in the cluster, on one machine."""

from typing import Any

from automation.manifests.declared import Plan, Resource
from automation.manifests.kubernetes import dump, is_secret, secret_names
from automation.manifests.references import replaced, shell

FILE = "compose.yaml"
SLOT = "slipway/slot"
ASK = "import urllib.request as r; r.urlopen('{url}', timeout=5)"
Service = dict[str, Any]


def files(plan: Plan) -> dict[str, str]:
    """Return the file, with a service for the Deployment that is live."""
    running = [
        each
        for each in plan.of_package("kubernetes")
        if each.inputs.get("kind") == "Deployment"
        and each.inputs["spec"]["selector"]["matchLabels"].get(SLOT) == plan.live
        and each.inputs["spec"]["replicas"]
    ]
    if not running:
        return {}
    name = running[0].inputs["metadata"]["namespace"]
    services = {each.inputs["metadata"]["name"]: _service(plan, each) for each in running}
    return {FILE: dump({"name": name, "services": services})}


def _service(plan: Plan, deployment: Resource) -> Service:
    spec = deployment.inputs["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    user, group = (pod["securityContext"][key] for key in ("runAsUser", "runAsGroup"))
    opened = {each["name"]: replaced(each["value"], shell) for each in container["env"]}
    # What has no value in the environment of whoever starts it is an error, not the empty text.
    secret = {name: f"${{{name}:?}}" for name in _secrets(plan, container)}
    return {
        "image": replaced(container["image"], shell),
        "environment": {**opened, **secret},
        "user": f"{user}:{group}",
        "read_only": container["securityContext"]["readOnlyRootFilesystem"],
        "cap_drop": container["securityContext"]["capabilities"]["drop"],
        "security_opt": ["no-new-privileges:true"],
        "tmpfs": [each["mountPath"] for each in container["volumeMounts"] if each["name"] == "tmp"],
        "init": True,
        "restart": "unless-stopped",
        "stop_grace_period": f"{pod['terminationGracePeriodSeconds']}s",
        "ports": [f"127.0.0.1::{each['containerPort']}" for each in container["ports"]],
        **_health(container),
        "deploy": {"replicas": spec["replicas"], "resources": _resources(container)},
        "labels": deployment.inputs["metadata"]["labels"],
    }


def _secrets(plan: Plan, container: dict[str, Any]) -> list[str]:
    wanted = {each["secretRef"]["name"] for each in container.get("envFrom", ())}
    found: set[str] = set()
    for each in plan.of_package("kubernetes"):
        if is_secret(each) and each.inputs["metadata"]["name"] in wanted:
            found.update(secret_names(each))
        for filled in each.inputs.get("spec", {}).get("secretObjects", ()):
            if filled["secretName"] in wanted:
                found.update(one["key"] for one in filled["data"])
    return sorted(found)


def _health(container: dict[str, Any]) -> Service:
    probe = container["readinessProbe"]
    if "httpGet" not in probe:
        return {}
    port = container["ports"][0]["containerPort"]
    url = f"http://127.0.0.1:{port}{probe['httpGet']['path']}"
    start = container["startupProbe"]
    return {
        "healthcheck": {
            "test": ["CMD", "python", "-c", ASK.format(url=url)],
            "interval": f"{probe['periodSeconds']}s",
            "timeout": f"{probe['timeoutSeconds']}s",
            "retries": probe["failureThreshold"],
            "start_period": f"{start['periodSeconds'] * start['failureThreshold']}s",
        }
    }


def _resources(container: dict[str, Any]) -> dict[str, Any]:
    names = {"limits": "limits", "requests": "reservations"}
    found = {
        names[kind]: {
            **({"cpus": _cores(given["cpu"])} if "cpu" in given else {}),
            **({"memory": _bytes(given["memory"])} if "memory" in given else {}),
        }
        for kind, given in container["resources"].items()
    }
    return {kind: given for kind, given in found.items() if given}


def _cores(quantity: str) -> str:
    thousandth = quantity.endswith("m")
    return f"{int(quantity[:-1]) / 1000:g}" if thousandth else quantity


def _bytes(quantity: str) -> str:
    """Return Kubernetes' binary units as Docker's, which are binary too."""
    return quantity[:-1].lower() if quantity.endswith("i") else quantity
