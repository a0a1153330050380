"""What a container is told by its environment: openly, by a Secret, or by a store through one."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.values import at

SECRET = "kubernetes:core/v1:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


class NotThere(Exception):
    """A pod refers to something that does not exist, such as an image: it would not start."""


def environment(container: Mapping[str, Any], objects: Iterable[Object]) -> dict[str, str]:
    """Return the variables of a container. Raise NotThere where a Secret of it is not."""
    held = [*objects]
    found: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        found |= _secret(at(source, "secretRef.name") or "", held)
    return {**found, **{each["name"]: each.get("value", "") for each in container.get("env") or ()}}


def _secret(name: str, objects: list[Object]) -> dict[str, str]:
    for each in objects:
        if each.type == SECRET and at(each.inputs, "metadata.name") == name:
            encoded = each.inputs.get("data") or {}
            plain = {k: base64.b64decode(v).decode() for k, v in encoded.items()}
            return {**plain, **(each.inputs.get("stringData") or {})}
        if each.type.endswith(":SecretProviderClass"):
            for filled in at(each.inputs, "spec.secretObjects") or ():
                if filled["secretName"] == name:
                    return _provided(each.inputs, objects)
    raise NotThere(f"secret {name!r} not found")


def _provided(inputs: Mapping[str, Any], objects: list[Object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for wanted in yaml.safe_load(at(inputs, "spec.parameters.objects")):
        content = _stored(wanted["objectName"], wanted.get("objectVersion"), objects)
        found |= {
            each["objectAlias"]: content[each["path"].strip('"')] for each in wanted["jmesPath"]
        }
    return found


def _stored(arn: str, version: str | None, objects: list[Object]) -> dict[str, str]:
    versions = [e for e in objects if e.type == VERSION and e.inputs["secretId"] == arn]
    for each in versions:
        if version in (None, each.outputs.get("versionId")):
            content: dict[str, str] = json.loads(each.inputs["secretString"])
            return content
    raise NotThere(f"{arn} has no version {version}")
