"""What commands print: a summary or one JSON document to stdout, everything else to stderr."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from automation.errors import SlipwayError
from automation.events import Listener, Silent
from automation.redaction import Redactor
from automation.terminal import Terminal


class Output:
    """The two ways to print, behind one face. Nothing is printed that was not redacted."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.redactor = Redactor()
        self.listener: Listener = Silent() if as_json else Terminal(self.redactor.text)

    @contextmanager
    def redacted_errors(self) -> Iterator[None]:
        """Remove secrets from an error that ends the command: what an engine said is in it."""
        try:
            yield
        except SlipwayError as error:
            error.redact(self.redactor.text)
            raise

    def text(self, text: str) -> None:
        """Print text for people."""
        _print(self.redactor.text(text).rstrip("\n"))

    def data(self, data: Any) -> None:
        """Print data for machines."""
        cleaned = self.redactor.data(data)
        _print(json.dumps(cleaned, indent=2, ensure_ascii=False, default=str))


def _print(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads it any more; the exit code is still that of what was done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
