"""What commands print: a summary or one JSON document to stdout, everything else to stderr."""

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from automation.context import Context
from automation.events import Listener, Silent
from automation.redaction import Redactor
from automation.reports.assembly import build_report
from automation.reports.serialized import document
from automation.reports.summary import summary_text
from automation.terminal import Terminal
from components.contract import outputs


class Output:
    """The two ways to print, behind one face. Nothing is printed that was not redacted."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.redactor = Redactor()
        self.listener: Listener = Silent() if as_json else Terminal(self.redactor.text)

    def text(self, text: str) -> None:
        """Print text for people."""
        sys.stdout.write(self.redactor.text(text).rstrip("\n") + "\n")

    def data(self, data: Any) -> None:
        """Print data for machines."""
        cleaned = self.redactor.data(data)
        sys.stdout.write(json.dumps(cleaned, indent=2, ensure_ascii=False, default=str) + "\n")

    @contextlib.contextmanager
    def reporting(self, context: Context) -> Iterator[None]:
        """Print the report of a deployment at its end, however it ended."""
        try:
            yield
        finally:
            report = build_report(context.facts)
            if self.as_json:
                self.data(document(report))
            else:
                self.text("\n" + summary_text(report) + "\n" + "\n".join(_where(context)))


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
    return [*lines, f"report       {context.folder}/report.html"]
