"""The command `aws`, by which the engine gets into a cluster of EKS."""

import os
import shutil
import sys
from pathlib import Path

from automation import settings
from automation.home import PROJECT
from automation.toolchain import versions
from automation.toolchain.finding import Finding

COMMAND = "aws"
CLUSTERS = "aws_eks"
"""The platform whose kubeconfig names the command."""
INSTALL = "install the AWS CLI, such as by `pip install awscli`, where PATH leads"


def found() -> str | None:
    """Return where the engine would find it; None, nowhere."""
    folders = (str(Path(sys.executable).parent), os.environ.get("PATH", ""))
    return shutil.which(COMMAND, path=os.pathsep.join(folders))


def findings(root: Path = PROJECT) -> list[Finding]:
    """Look for it where an environment's cluster is one of EKS; nothing is said elsewhere."""
    users = settings.asking(lambda known: known.backend_platform == CLUSTERS, root)
    if not users:
        return []
    at = found()
    if at is None:
        hint = f"{' and '.join(users)} cannot be deployed without it: {INSTALL}."
        return [Finding(COMMAND, "note", hint=hint)]
    version = versions.parse(versions.asked([at, "--version"]) or "")
    if version is None:
        hint = f"It is there, but does not run here: {INSTALL}."
        return [Finding(COMMAND, "note", None, at, hint)]
    return [Finding(COMMAND, "ok", versions.show(version), at)]
