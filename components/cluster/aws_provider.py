"""The provider of AWS, for one region and one account."""

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from components.foundation import Foundation


def aws_provider(
    name: str, foundation: "Foundation", opts: pulumi.ResourceOptions | None = None
) -> aws.Provider:
    """Return the provider that every resource at AWS is made with.

    Credentials and endpoints come from the environment alone, as AWS's own tools read them
    (`AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, ...): none becomes part of the state.
    """
    settings = foundation.settings
    return aws.Provider(
        name,
        region=settings.aws_region,
        allowed_account_ids=[settings.aws_account] if settings.aws_account else None,
        default_tags=aws.ProviderDefaultTagsArgs(tags=foundation.tags()),
        opts=opts,
    )
