"""Steps between versions of Kubernetes that EKS goes."""

import pytest

from components.cluster.eks_version import UnsupportedUpgrade, check


@pytest.mark.parametrize("wanted", ["1.34", "1.35"])
def test_the_same_version_and_the_next_one_are_fine(wanted: str) -> None:
    check("1.34", wanted)


@pytest.mark.parametrize(
    ("wanted", "advice"),
    [("1.36", "deploy with 1.35 first"), ("1.33", "EKS never goes back: set it to 1.34")],
)
def test_any_other_is_refused_with_what_to_do(wanted: str, advice: str) -> None:
    with pytest.raises(UnsupportedUpgrade, match=f"slipway:eksVersion is {wanted}.*{advice}"):
        check("1.34", wanted)


def test_what_only_aws_knows_is_left_to_it() -> None:
    check("", "1.34")
