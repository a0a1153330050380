"""What is lost with a resource, and what its cloud does not let go."""

import pytest

from components.contract.stateful import guarded_by, lost_with

BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def test_a_type_is_known_by_its_token_or_by_a_pattern():
    assert lost_with("aws:route53/zone:Zone").startswith("every record")
    assert lost_with("aws:s3/bucketV2:BucketV2") == "what is in the bucket"
    assert lost_with("aws:route53/record:Record") == ""


@pytest.mark.parametrize(
    ("token", "properties", "setting"),
    [
        (BALANCER, {"enableDeletionProtection": True}, "awsDeletionProtection"),
        (BALANCER, {"enableDeletionProtection": False}, ""),
        (BALANCER, {"deletionProtection": True}, ""),
        ("aws:s3/bucket:Bucket", {"enableDeletionProtection": True}, ""),
    ],
)
def test_a_guard_is_a_property_of_its_type_that_is_set(token, properties, setting):
    assert guarded_by(token, properties) == setting
