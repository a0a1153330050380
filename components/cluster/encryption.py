"""Keys of AWS KMS: what is stored at AWS is encrypted with one of its own."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

WAITS_DAYS = 30
"""Between a key's deletion and its end, which is the end of all that it encrypted."""


def declare_key(
    name: str,
    *,
    alias: str,
    description: str,
    tags: Mapping[str, str],
    keep: bool,
    opts: pulumi.ResourceOptions,
) -> aws.kms.Key:
    """Declare a key that AWS turns over each year, and its name. With `keep`, it stays."""
    kept = pulumi.ResourceOptions(protect=keep, retain_on_delete=keep)
    key = aws.kms.Key(
        name,
        description=description,
        enable_key_rotation=True,
        deletion_window_in_days=WAITS_DAYS,
        tags=dict(tags),
        opts=pulumi.ResourceOptions.merge(opts, kept),
    )
    aws.kms.Alias(f"{name}-alias", name=f"alias/{alias}", target_key_id=key.key_id, opts=opts)
    return key
