"""Whom the program lets into a cluster of EKS, and what happens when that changes."""

import pytest

from components.cluster.eks_administrators import noun
from tests.components.aws import of_kind, usual

ENTRY = "aws:eks/accessEntry:AccessEntry"
ACCOUNT = "arn:aws:iam::123456789012"
ONE, OTHER = f"{ACCOUNT}:role/operators", f"{ACCOUNT}:user/team/ada"


def entries(*administrators: str) -> dict[str, str]:
    """Map the names of the entries to their principals."""
    found = of_kind(usual(eks_administrators=administrators), ENTRY)
    return {name: given["principalArn"] for name, given in found.items()}


@pytest.mark.parametrize("after", [(OTHER, ONE), (ONE,), (OTHER,), ()])
def test_an_entry_keeps_its_name_wherever_in_the_list_its_principal_is(
    after: tuple[str, ...],
) -> None:
    before = entries(ONE, OTHER)

    assert {*before.values()} == {ONE, OTHER}
    assert entries(*after) == {k: v for k, v in before.items() if v in after}


def test_who_is_named_twice_is_let_in_once() -> None:
    assert [*entries(ONE, ONE).values()] == [ONE]


@pytest.mark.parametrize(
    ("principal", "begins"),
    [(ONE, "operators-"), (OTHER, "ada-"), (f"{ACCOUNT}:root", "root-")],
)
def test_a_name_tells_a_person_who_it_is(principal: str, begins: str) -> None:
    assert noun(principal).startswith(begins)


def test_roles_of_the_same_name_in_other_accounts_or_paths_are_others() -> None:
    same = (ONE, f"{ACCOUNT}:role/team/operators", "arn:aws:iam::210987654321:role/operators")

    assert len({noun(each) for each in same}) == len(same)
