"""IAM, KMS, Secrets Manager."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from tests.doubles.plugins.aws.naming import ACCOUNT, arn, by, called, number
from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.provider import Kind, Making, Provider, Refused, forcing
from tests.doubles.plugins.shapes import Problem
from tests.doubles.plugins.values import UNKNOWN

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
SECRET_POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
LEAVING = "secrets-leaving"


def document(name: str) -> Any:
    """Return a check of a policy: JSON with a version, and statements that say what they do."""

    def check(inputs: Mapping[str, Any]) -> Iterator[Problem]:
        value = inputs.get(name)
        if value in (None, UNKNOWN):
            return
        try:
            content = json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            yield name, f"MalformedPolicyDocument: {error}"
            return
        if isinstance(value, str) and UNKNOWN in value:
            return
        statements = content.get("Statement") if isinstance(content, dict) else None
        for each in [statements] if isinstance(statements, dict) else statements or [None]:
            good = isinstance(each, dict) and each.get("Effect") in ("Allow", "Deny")
            if not good or not ({"Action", "NotAction"} & each.keys()):
                yield name, "MalformedPolicyDocument: a statement has an Effect and an Action"

    return check


def _iam(making: Making, kind: str, name: str) -> str:
    path = making.get("path", "/")
    return f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}"


def _created() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _role(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": _iam(making, "role", id_),
        "name": id_,
        "path": making.get("path", "/"),
        "uniqueId": f"AROA{number(id_, 10**16):016d}",
        "createDate": _created(),
        "maxSessionDuration": making.get("maxSessionDuration", 3600),
    }


def _policy(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": id_,
        "path": making.get("path", "/"),
        "policyId": f"ANPA{number(id_, 10**16):016d}",
        "attachmentCount": 0,
    }


def _alias(making: Making, id_: str) -> dict[str, Any]:
    keys = making.provider.cloud.objects(KEY)
    target = making.get("targetKeyId")
    key = next(e for e in keys if target in (e.id, e.outputs["arn"]))
    return {
        "arn": arn(making, "kms", id_),
        "targetKeyArn": key.outputs["arn"],
        "targetKeyId": making.get("targetKeyId"),
    }


def _alias_name(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    name = inputs.get("name")
    if isinstance(name, str) and name != UNKNOWN and not name.startswith("alias/"):
        yield "name", f"{name!r} does not begin with alias/"


def _not_leaving(making: Making) -> None:
    if not making.old and making.get("name") in making.provider.cloud.noted(LEAVING, {}):
        raise Refused(
            "InvalidRequestException: You can't create this secret because a secret with this "
            f"name is already scheduled for deletion: {making.get('name')}"
        )


def _leave(provider: Provider, gone: Object) -> None:
    days = gone.inputs.get("recoveryWindowInDays")
    if days != 0:
        leaving = provider.cloud.noted(LEAVING, {})
        provider.cloud.note(
            LEAVING, {**leaving, gone.outputs["name"]: 30 if days is None else days}
        )


def _window(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    days = inputs.get("recoveryWindowInDays")
    if isinstance(days, int) and days != 0 and not 7 <= days <= 30:
        yield "recoveryWindowInDays", f"expected 0 or 7 to 30, got {days}"


def _value(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    names = ("secretString", "secretBinary", "secretStringWo")
    if len([name for name in names if inputs.get(name) is not None]) != 1:
        yield "secretString", f"exactly one of {', '.join(names)} must be given"


def _version(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": making.get("secretId"),
        "secretArn": making.get("secretId"),
        "versionId": id_.rpartition("|")[2],
        "versionStages": making.get("versionStages", ["AWSCURRENT"]),
        "hasSecretStringWo": making.get("secretStringWo") is not None,
    }


def _demote(making: Making, made: Object) -> None:
    """Let only the newest version be current, as the service does."""
    if making.old or "AWSCURRENT" not in made.outputs["versionStages"]:
        return
    for other in making.provider.cloud.objects(VERSION):
        same = other.inputs["secretId"] == made.inputs["secretId"] and other.id != made.id
        stages = other.outputs["versionStages"]
        if same and stages in (["AWSCURRENT"], ["AWSPREVIOUS"]):
            moved = ["AWSPREVIOUS"] if stages == ["AWSCURRENT"] else []
            # Kept beside: the real provider does not show a demotion as a difference.
            other.hidden["stages"] = moved
            making.provider.cloud.put(other)


def _days(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    days = inputs.get("deletionWindowInDays")
    if isinstance(days, int) and not 7 <= days <= 30:
        yield "deletionWindowInDays", f"expected 7 to 30, got {days}"
    yield from document("policy")(inputs)


KINDS: Mapping[str, Kind] = {
    ROLE: Kind(
        forces=forcing("name", "namePrefix", "path"),
        autoname="name",
        limit=64,
        unique=("name",),
        id=called,
        outputs=_role,
        check=document("assumeRolePolicy"),
        blocks=(ATTACHMENT, INLINE, PROFILE),
    ),
    POLICY: Kind(
        forces=forcing("name", "namePrefix", "path", "description"),
        autoname="name",
        unique=("name",),
        id=lambda making: _iam(making, "policy", called(making)),
        outputs=_policy,
        check=document("policy"),
        blocks=(ATTACHMENT,),
    ),
    INLINE: Kind(
        forces=forcing("name", "namePrefix", "role"),
        autoname="name",
        unique=("role", "name"),
        id=by("role", "name"),
        check=document("policy"),
    ),
    ATTACHMENT: Kind(
        forces=forcing("role", "policyArn"),
        unique=("role", "policyArn"),
        id=by("role", "policyArn", between="/"),
    ),
    PROFILE: Kind(
        forces=forcing("name", "namePrefix", "path"),
        autoname="name",
        unique=("name",),
        id=called,
        outputs=lambda making, id_: {"arn": _iam(making, "instance-profile", id_)},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Kind(
        forces=forcing("url"),
        unique=("url",),
        id=lambda making: (
            f"arn:aws:iam::{ACCOUNT}:oidc-provider/{making.inputs['url'].removeprefix('https://')}"
        ),
        outputs=lambda making, id_: {"arn": id_, "thumbprintLists": ["9e99a48a9960b14926bb7f3b"]},
    ),
    KEY: Kind(
        forces=forcing("keyUsage", "customerMasterKeySpec", "multiRegion", "region"),
        id=lambda making: str(uuid.uuid4()),
        outputs=lambda making, id_: {
            "arn": arn(making, "kms", f"key/{id_}"),
            "keyId": id_,
            "isEnabled": making.get("isEnabled", True),
            "keyUsage": making.get("keyUsage", "ENCRYPT_DECRYPT"),
            "multiRegion": making.get("multiRegion", False),
        },
        check=_days,
    ),
    ALIAS: Kind(
        forces=forcing("name", "namePrefix", "region"),
        unique=("name",),
        id=called,
        outputs=_alias,
        check=_alias_name,
    ),
    SECRET: Kind(
        forces=forcing("name", "namePrefix", "region"),
        autoname="name",
        limit=512,
        unique=("name",),
        id=lambda making: arn(
            making, "secretsmanager", f"secret:{called(making)}-{uuid.uuid4().hex[:6]}"
        ),
        outputs=lambda making, id_: {
            "arn": id_,
            # What the service appends to a name for its ARN is no part of it.
            "name": id_.partition(":secret:")[2].rpartition("-")[0],
        },
        before=_not_leaving,
        release=_leave,
        check=_window,
    ),
    VERSION: Kind(
        forces=forcing("secretId", "secretString", "secretBinary", "secretStringWoVersion"),
        id=lambda making: f"{making.inputs['secretId']}|terraform-{uuid.uuid4().hex}",
        outputs=_version,
        after=_demote,
        check=_value,
    ),
    ROTATION: Kind(forces=forcing("secretId"), unique=("secretId",), id=by("secretId")),
    SECRET_POLICY: Kind(
        forces=forcing("secretArn"),
        unique=("secretArn",),
        id=by("secretArn"),
        check=document("policy"),
    ),
}
