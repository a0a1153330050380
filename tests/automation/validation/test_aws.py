"""What a cluster of EKS needs is missed before anything is touched."""

from pathlib import Path
from typing import Any

import pytest

from automation.reports.observed import CheckFact
from automation.validation import aws
from components.contract.settings import Settings
from tests.doubles.world import aws_command

CHOSEN: dict[str, Any] = {
    "backend_platform": "aws_eks",
    "database_platform": "neon",
    "load_balancer_platform": "aws_alb",
}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that PATH leads to, and nowhere else."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def facts(*, running: bool = False, **chosen: Any) -> dict[str, CheckFact]:
    found = aws.checks(Settings(**{**CHOSEN, **chosen}), "production", running=running)
    return {each.name: each for each in found}


def test_without_the_command_that_hands_out_tokens_nothing_begins(nowhere: Path) -> None:
    missing = facts()["command aws"]
    assert (missing.status, missing.blocking) == ("failed", True)
    assert "`aws` is not on PATH" in missing.details
    assert "install the AWS CLI" in missing.remedy

    at = aws_command.install(nowhere)

    there = facts()["command aws"]
    assert (there.status, there.details) == ("passed", str(at))


def test_another_platform_needs_nothing_of_it() -> None:
    assert facts(backend_platform="kubernetes", load_balancer_platform="gateway") == {}


@pytest.mark.parametrize(
    ("chosen", "key", "remedy"),
    [
        ({"aws_outbound": "endpoints"}, "slipway:awsOutbound is endpoints", "nat or nat_per_zone"),
        (
            {"backend_architecture": "arm64"},
            "slipway:backendArchitecture is arm64",
            "set it to amd64",
        ),
    ],
)
def test_what_the_cluster_would_not_do_is_refused_with_file_key_and_remedy(
    chosen: dict[str, Any], key: str, remedy: str
) -> None:
    assert facts()["cluster"].status == "passed"

    refused = facts(**chosen)["cluster"]

    assert (refused.status, refused.blocking) == ("failed", True)
    assert refused.details.startswith(f"Pulumi.production.yaml: {key}")
    assert remedy in refused.details


def test_managed_nodes_are_told_of_the_controller_that_nobody_installs() -> None:
    first = facts(eks_nodes="managed")[aws.CONTROLLER]
    assert (first.status, first.blocking) == ("failed", False)
    assert "AWS Load Balancer Controller" in first.details
    assert "deploy again" in first.remedy

    assert facts(eks_nodes="managed", running=True)[aws.CONTROLLER].status == "skipped"
    assert aws.CONTROLLER not in facts(eks_nodes="auto")
    assert aws.CONTROLLER not in facts(eks_nodes="managed", load_balancer_platform="gateway")
