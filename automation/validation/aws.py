"""Can a cluster of EKS be made as the settings ask for it, and be reached from here?"""

from automation.reports.observed import CheckFact
from automation.toolchain import aws_command
from components.contract.eks_rules import refused
from components.contract.settings import Settings

CONTROLLER = "load balancer controller"


def checks(settings: Settings, environment: str, *, running: bool = False) -> list[CheckFact]:
    """Check what `aws_eks` needs. `running` tells whether the environment was ever deployed."""
    if settings.backend_platform != aws_command.CLUSTERS:
        return []
    asked = [_cluster(settings, f"Pulumi.{environment}.yaml"), _command()]
    needs_controller = settings.eks_nodes == "managed" and (
        settings.load_balancer_platform == "aws_alb"
    )
    return [*asked, _controller(running)] if needs_controller else asked


def _cluster(settings: Settings, file: str) -> CheckFact:
    wrong = "; ".join(f"{file}: {each}" for each in refused(settings))
    return CheckFact(
        name="cluster",
        status="failed" if wrong else "passed",
        details=wrong or "EKS can be asked for this cluster",
        remedy="see docs/platforms/aws_eks.md" if wrong else "",
    )


def _command() -> CheckFact:
    at = aws_command.found()
    missing = "the command `aws` is not on PATH; it hands out the tokens for the cluster of aws_eks"
    return CheckFact(
        name="command aws",
        status="passed" if at else "failed",
        details=at or missing,
        remedy="" if at else aws_command.INSTALL,
    )


def _controller(running: bool) -> CheckFact:
    """Tell of what nobody here installs, or can see: aloud while there is no environment yet."""
    return CheckFact(
        name=CONTROLLER,
        status="skipped" if running else "failed",
        details="with slipway:eksNodes managed, aws_alb needs the AWS Load Balancer Controller in "
        "the cluster; Slipway neither installs nor sees it",
        remedy="the first deployment makes the cluster and ends at `no matches for kind "
        '"TargetGroupBinding"`: install it then, and deploy again; or set slipway:eksNodes to auto',
        blocking=False,
    )
