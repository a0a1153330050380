"""The secret variables of one slot: a Secret of the namespace, or one that a store fills."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

VOLUME = "secrets"
DRIVER = "secrets-store.csi.k8s.io"
API_VERSION = "secrets-store.csi.x-k8s.io/v1"
Spec = dict[str, Any]
Bundle = Callable[
    [str, pulumi.Output[dict[str, str]], pulumi.ResourceOptions], pulumi.Output[str] | None
]
"""Keeps secrets in a store and returns what refers to them there, or None: see Secrets.bundle."""


@dataclass(frozen=True, kw_only=True)
class SecretSource:
    """`secret` is the Secret with the variables, `volume` what has it filled, None where it is."""

    secret: pulumi.Output[str]
    volume: pulumi.Output[Spec | None]


def secret_source(
    name: str,
    called: str,
    content: pulumi.Output[dict[str, str]],
    names: pulumi.Output[list[str]],
    *,
    about: Mapping[str, Any],
    bundle: Bundle,
    opts: pulumi.ResourceOptions,
) -> SecretSource:
    """Declare where a slot's pods get their secret variables, called `names`, from.

    `content` is secret. `about` is the metadata of what is declared, `called` begins its name.
    """
    reference = bundle(name, content, pulumi.ResourceOptions(parent=opts.parent))
    if reference is None:
        return _own(name, content, about, opts)
    return _provided(name, called, reference, names, about, opts)


def _own(
    name: str,
    content: pulumi.Output[dict[str, str]],
    about: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> SecretSource:
    # Without a name of ours the provider chooses another for other content, and pods that run
    # keep theirs. A digest of the content in the name would tell something of it.
    made = kubernetes.core.v1.Secret(
        name,
        metadata=dict(about),
        immutable=True,
        string_data=content,
        opts=opts,
    )
    secret = made.metadata.apply(lambda metadata: str(metadata["name"]))
    return SecretSource(secret=secret, volume=pulumi.Output.from_input(None))


def _provided(
    name: str,
    called: str,
    reference: pulumi.Output[str],
    names: pulumi.Output[list[str]],
    about: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> SecretSource:
    known: pulumi.Output[list[Any]] = pulumi.Output.all(reference, names)
    chosen = reference.apply(lambda where: f"{called}-{digest(where)}")
    made = kubernetes.apiextensions.CustomResource(
        name,
        api_version=API_VERSION,
        kind="SecretProviderClass",
        metadata={**about, "name": chosen},
        spec=pulumi.Output.all(known, chosen).apply(lambda k: provider_class(*k[0], secret=k[1])),
        opts=opts,
    )
    # By way of the id, pods wait for the class.
    volume = pulumi.Output.all(chosen, made.id).apply(lambda k: _volume(k[0]))
    return SecretSource(secret=chosen, volume=volume)


def digest(reference: str) -> str:
    """Return what tells one content of a store's secret from another; the reference is open."""
    return hashlib.sha256(reference.encode()).hexdigest()[:10]


def provider_class(reference: str, names: list[str], *, secret: str) -> Spec:
    """Return the specification that fills a Secret from AWS Secrets Manager.

    `reference` is the ARN of a secret whose value is an object of variables, with the id of its
    version after a `#` where it is about one. The pods' own identity reads it. Of
    https://github.com/aws/secrets-store-csi-driver-provider-aws
    """
    arn, _, version = reference.partition("#")
    held: Spec = {"objectName": arn, "objectType": "secretsmanager"}
    if version:
        held["objectVersion"] = version
    held["jmesPath"] = [{"path": f'"{each}"', "objectAlias": each} for each in names]
    filled = {
        "secretName": secret,
        "type": "Opaque",
        "data": [{"objectName": each, "key": each} for each in names],
    }
    return {
        "provider": "aws",
        "parameters": {"usePodIdentity": "true", "objects": yaml.safe_dump([held])},
        **({"secretObjects": [filled]} if names else {}),
    }


def _volume(provider: str) -> Spec:
    return {
        "name": VOLUME,
        "csi": {
            "driver": DRIVER,
            "readOnly": True,
            "volumeAttributes": {"secretProviderClass": provider},
        },
    }
