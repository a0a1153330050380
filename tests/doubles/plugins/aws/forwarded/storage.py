"""S3, Secrets Manager and ECS."""

import json
from collections.abc import Mapping
from typing import Any

from tests.doubles.plugins.aws.forwarded.calls import Call, Calling, Forwarded, id_as, tags


def _secret_deletion(calling: Calling) -> dict[str, Any]:
    days = calling.get("recoveryWindowInDays", 30)
    way = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    return {"SecretId": calling.thing.id, **way}


def _place(region: str) -> dict[str, str]:
    # The oldest region is no place that may be named.
    return {} if region == "us-east-1" else {"LocationConstraint": region}


FORWARDED: Mapping[str, Forwarded] = {
    "aws:s3/bucket:Bucket": Forwarded(
        create=(
            Call(
                "s3",
                "create_bucket",
                lambda c: {
                    "Bucket": c.inputs["bucket"],
                    "CreateBucketConfiguration": _place(c.thing.outputs["region"]),
                },
            ),
        ),
        delete=(Call("s3", "delete_bucket", id_as("Bucket")),),
        read=Call("s3", "head_bucket", id_as("Bucket")),
    ),
    "aws:secretsmanager/secret:Secret": Forwarded(
        create=(
            Call(
                "secretsmanager",
                "create_secret",
                lambda c: {
                    "Name": c.thing.outputs["name"],
                    "Description": c.get("description"),
                    "KmsKeyId": c.get("kmsKeyId"),
                    "Tags": tags(c),
                },
            ),
        ),
        delete=(Call("secretsmanager", "delete_secret", _secret_deletion),),
        read=Call("secretsmanager", "describe_secret", id_as("SecretId")),
        there=lambda answer, thing: "DeletedDate" not in answer,
        made=lambda c: (c.first["ARN"], {"arn": c.first["ARN"], "id": c.first["ARN"]}),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Forwarded(
        create=(
            Call(
                "secretsmanager",
                "put_secret_value",
                lambda c: {
                    "SecretId": c.inputs["secretId"],
                    "SecretString": c.get("secretString"),
                    "VersionStages": c.get("versionStages"),
                },
            ),
        ),
        made=lambda c: (
            f"{c.inputs['secretId']}|{c.first['VersionId']}",
            {"versionId": c.first["VersionId"]},
        ),
    ),
    "aws:ecs/cluster:Cluster": Forwarded(
        create=(Call("ecs", "create_cluster", lambda c: {"clusterName": c.inputs["name"]}),),
        delete=(Call("ecs", "delete_cluster", id_as("cluster")),),
        read=Call("ecs", "describe_clusters", lambda c: {"clusters": [c.thing.id]}),
        there=lambda answer, thing: bool(answer["clusters"]),
        made=lambda c: (
            c.first["cluster"]["clusterArn"],
            {"arn": c.first["cluster"]["clusterArn"]},
        ),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Forwarded(
        create=(
            Call(
                "ecs",
                "register_task_definition",
                lambda c: {
                    "family": c.inputs["family"],
                    "containerDefinitions": json.loads(c.inputs["containerDefinitions"]),
                    "networkMode": c.get("networkMode"),
                    "cpu": c.get("cpu"),
                    "memory": c.get("memory"),
                    "requiresCompatibilities": c.get("requiresCompatibilities"),
                },
            ),
        ),
        made=lambda c: (
            "",
            {
                "arn": c.first["taskDefinition"]["taskDefinitionArn"],
                "revision": c.first["taskDefinition"]["revision"],
            },
        ),
    ),
}
