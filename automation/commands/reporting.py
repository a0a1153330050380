"""Print the report of a deployment at its end."""

import contextlib
from collections.abc import Iterator

from automation.commands.output import Output
from automation.context import Context
from automation.reports.assembly import build_report
from automation.reports.cause import INCIDENT, documented
from automation.reports.serialized import document
from automation.reports.summary import summary_text
from components.contract import outputs


@contextlib.contextmanager
def reporting(out: Output, context: Context) -> Iterator[None]:
    """Print the report of a deployment, however it ended."""
    try:
        yield
    finally:
        report = build_report(context.facts)
        if out.as_json:
            out.data(document(report))
        else:
            out.text("\n" + summary_text(report, context.facts) + "\n" + "\n".join(_where(context)))


def _where(context: Context) -> list[str]:
    """Return where the application, its authority and its report are."""
    lines = []
    live = context.declared.live_release()
    authority = context.outputs.get(outputs.CA_CERTIFICATE)
    address = context.declared.address
    if live is not None and address is not None and authority is not None:
        lines.append(f"authority    {authority}")
        if address.host == "localhost":
            lines.append(f"in browsers  https://{live.application}.localhost:{address.port}")
    if documented(context.facts):
        lines.append(f"incident     {context.folder}/{INCIDENT}")
    return [*lines, f"report       {context.folder}/report.html"]
