"""`slipway history`: every deployment that the stack remembers."""

from automation.commands.output import Output
from automation.session import open_environment
from components.contract.desired import DeploymentRecord


def history(environment: str, as_json: bool) -> int:
    """Print the deployments, newest first, and return 0."""
    out = Output(as_json)
    context, _ = open_environment(environment, out.listener, out.redactor, recorded=False)
    records = context.live.history[::-1]
    if as_json:
        out.data([record.model_dump() for record in records])
        return 0
    live = context.live.live_release()
    rows = [_line(record, live is not None and record.release == live.id) for record in records]
    out.text("\n".join(rows) or f"Nothing was ever deployed to {environment}.")
    return 0


def _line(record: DeploymentRecord, live: bool) -> str:
    mark = "●" if live and record.outcome == "deployed" else " "
    commit = (record.commit or "")[:9]
    return (
        f"{mark} {record.started_at[:19].replace('T', ' ')}  {record.action:<9}"
        f"{record.outcome:<12}{record.release:<20}{commit:<10}{record.seconds:6.0f} s  "
        f"{record.deployer}"
    )
