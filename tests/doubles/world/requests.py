"""Requests and answers, as they pass from one double of a cloud to the next."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "proxy-connection", "te"})


@dataclass(frozen=True)
class Request:
    """`headers` have lower-case names; `target` is the path with its query."""

    method: str
    host: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """Return the path alone."""
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        """Return the query with its mark, empty without one."""
        found = urlsplit(self.target).query
        return f"?{found}" if found else ""

    def at(self, path: str) -> "Request":
        """Return the same request for another path."""
        return Request(self.method, self.host, f"{path}{self.query}", self.headers, self.body)


@dataclass(frozen=True)
class Answer:
    """Header names are in lower case, and may come more than once."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def text(cls, status: int, text: str) -> "Answer":
        """Return an answer of plain text."""
        return cls(status, text.encode(), (("content-type", "text/plain"),))

    def with_headers(
        self, settled: dict[str, str], added: tuple[tuple[str, str], ...] = ()
    ) -> "Answer":
        """Return the same answer with headers set, in place of those of that name, and added."""
        names = {name.lower() for name in settled}
        kept = tuple(each for each in self.headers if each[0] not in names)
        own = tuple((name.lower(), value) for name, value in settled.items())
        return Answer(self.status, self.body, (*kept, *own, *added))
