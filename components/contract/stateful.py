"""Types of resources that hold what no deployment can make again, and what is lost with each."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

STATEFUL: Mapping[str, str] = {
    "pulumi-python:dynamic/neon:Project": "the database and its backups",
    "pulumi-python:dynamic/neon:Branch": "the database's data",
    "pulumi-python:dynamic/neon:Database": "the database's data",
    "pulumi-python:dynamic/local:PostgresCluster": "the database's data",
    "pulumi-python:dynamic/local:PostgresDatabase": "the database's data",
    "pulumi-python:dynamic/local:SecretValues": "passwords and keys that were made once",
    "aws:eks/cluster:Cluster": "everything that runs in the cluster",
    "aws:ec2/vpc:Vpc": "the network and everything in it",
    "aws:ec2/eip:Eip": "an address that others may have allowed",
    "aws:route53/zone:Zone": "every record of the domain; its name servers change",
    "aws:secretsmanager/secret:Secret": "the secret's values and versions",
    "aws:kms/key:Key": "the only key to what it encrypted",
    "aws:s3/bucket*:Bucket*": "what is in the bucket",
    "aws:rds/*:*": "the database's data",
    "aws:dynamodb/table:Table": "the table's data",
    "aws:efs/fileSystem:FileSystem": "the files",
    "aws:ebs/volume:Volume": "the volume's data",
    "aws:ecr/repository:Repository": "images, those of the way back among them",
    "aws:cloudwatch/logGroup:LogGroup": "the logs so far",
    "aws:sns/topic:Topic": "subscriptions that people confirmed",
    "kubernetes:core/v1:Namespace": "everything in the namespace",
    "kubernetes:core/v1:PersistentVolume": "the volume's data",
    "kubernetes:core/v1:PersistentVolumeClaim": "the volume's data",
    "kubernetes:apps/v1:StatefulSet": "the identity of its pods and their volumes",
    "vercel:index/project:Project": "its deployments, the way back among them, and its domains",
    "random:*": "a value that was made once",
}
"""By the engine's token of the type, or a pattern of tokens."""

GUARDS: Mapping[tuple[str, str], str] = {
    ("aws:eks/cluster:Cluster", "deletionProtection"): "awsDeletionProtection",
    ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection"): "awsDeletionProtection",
}
"""By type and property: the setting by which a cloud refuses a deletion, whoever asks for it."""


def lost_with(token: str) -> str:
    """Return what is lost with a resource of a type; empty where nothing is."""
    return next((what for known, what in STATEFUL.items() if fnmatchcase(token, known)), "")


def guarded_by(token: str, properties: Mapping[str, Any]) -> str:
    """Return the setting that has its cloud refuse to delete a resource; empty where none has."""
    found = (GUARDS.get((token, name)) for name, value in properties.items() if value is True)
    return next(filter(None, found), "")
