"""What is missing for the chosen platforms stops a deployment before anything is touched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automation.context import Context
from automation.errors import Blocked
from automation.events import StepNotes
from automation.home import Home
from automation.reports.before import validation
from automation.settings import StackFile
from automation.steps import validate
from automation.validation.aws import CONTROLLER
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation, tiny
from tests.doubles.world import aws_command

AT_AWS: dict[str, Any] = {
    "frontend_platform": "vercel",
    "backend_platform": "aws_eks",
    "backend_image_repository": "registry.example/api",
    "database_platform": "neon",
    "load_balancer_platform": "aws_alb",
    "certificate_platform": "aws_acm",
    "route53_zone": "example.com",
    "domain": "app.example.com",
    "owner": "shop-team",
}


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("AWS_PROFILE", "VERCEL_API_TOKEN", "NEON_API_KEY"):
        monkeypatch.setenv(name, "of-a-test")
    with FakeEngine() as engine:
        yield Installation(Home(tmp_path / "home"), tiny(tmp_path), engine)


def blockers(installation: Installation, **chosen: Any) -> tuple[Context, tuple[str, ...]]:
    """Validate with these settings; return what was in the way."""
    installation.settings = {**AT_AWS, **chosen}
    context = installation.open()
    file = StackFile(settings=context.settings, variables={}, given=frozenset())
    with pytest.raises(Blocked) as refused:
        validate.run(context, file, StepNotes())
    assert not context.touched
    return context, refused.value.details


def test_the_command_aws_is_asked_for_before_the_cluster_is(installation: Installation) -> None:
    context, (told,) = blockers(installation)

    assert "the command `aws` is not on PATH" in told
    assert "install the AWS CLI" in told
    (blocker,) = validation(context.facts).blockers
    assert blocker.startswith("command aws: ")


def test_what_the_cluster_would_not_do_is_told_with_everything_else(
    installation: Installation, tmp_path: Path
) -> None:
    aws_command.install(tmp_path)

    context, (told,) = blockers(
        installation, aws_outbound="endpoints", backend_architecture="arm64", eks_nodes="managed"
    )

    for key in ("awsOutbound is endpoints", "backendArchitecture is arm64"):
        assert f"Pulumi.development.yaml: slipway:{key}" in told
    # what nobody can see stops nothing
    assert CONTROLLER in [check.name for check in context.facts.checks or []]


def test_an_environments_own_value_with_an_unknown_reference_blocks_before_anything_is_built(
    installation: Installation,
) -> None:
    context = installation.open()
    wrong = {"RELEASE": "${relese.id}"}
    file = StackFile(settings=context.settings, variables=wrong, given=frozenset())

    with pytest.raises(Blocked) as refused:
        validate.run(context, file, StepNotes())

    assert refused.value.details == (
        "Pulumi.development.yaml: variables:RELEASE: unknown reference ${relese.id}; "
        "did you mean ${release.id}?",
    )
