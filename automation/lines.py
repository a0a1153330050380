"""A command's output, line by line as it comes."""

import codecs
from collections import deque
from collections.abc import Callable
from pathlib import Path


class Lines:
    """Cut output into lines, and hand each to the log, the tail and the listener."""

    def __init__(self, log: Path | None, on_line: Callable[[str], None] | None, keep: int) -> None:
        self.tail: deque[str] = deque(maxlen=keep)
        self._log = log.open("a", encoding="utf-8") if log is not None else None
        self._on_line = on_line
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def feed(self, chunk: bytes) -> None:
        """Take in what was written; a line is told when its end is there."""
        text = self._rest + self._decoder.decode(chunk)
        *whole, self._rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in whole:
            self._emit(line.rstrip())

    def close(self) -> None:
        """Tell the last line, though its end never came."""
        if self._rest:
            self._emit(self._rest.rstrip())
        if self._log is not None:
            self._log.close()

    def _emit(self, line: str) -> None:
        if self._log is not None:
            self._log.write(line + "\n")
            self._log.flush()
        if line:
            self.tail.append(line)
            if self._on_line is not None:
                self._on_line(line)
