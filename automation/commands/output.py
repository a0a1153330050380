"""What commands print: a summary or one JSON document to stdout, everything else to stderr."""

import json
import sys
from typing import Any

from automation.events import Listener, Silent
from automation.redaction import Redactor
from automation.terminal import Terminal


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
