"""`slipway report`: the report of a deployment, as it was written."""

import json

from automation.commands.output import Output
from automation.environments import check_environment
from automation.errors import Blocked
from automation.home import Home


def report(environment: str, deployment: str | None, as_json: bool) -> int:
    """Print the report of the latest deployment, or of the one named, and return 0."""
    out = Output(as_json)
    check_environment(environment)
    home = Home.locate()
    latest = home.environment(environment) / "latest"
    if deployment is None:
        if not latest.exists():
            raise Blocked(
                f"nothing was ever deployed to {environment} from here",
                hint=f"Deploy first: ./slipway up {environment}",
            )
        deployment = latest.read_text().strip()
    folder = home.deployment(environment, deployment)
    file = folder / ("report.json" if as_json else "report.yaml")
    if not file.exists():
        known = sorted(path.name for path in folder.parent.glob("*-*"))[-5:]
        raise Blocked(
            f"there is no report of {deployment} in {folder.parent}",
            hint=f"The newest are: {', '.join(known) or 'none'}",
        )
    if as_json:
        out.data(json.loads(file.read_text()))
    else:
        out.text(file.read_text())
    return 0
