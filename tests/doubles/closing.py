"""What every double that runs something shares: it is closed when its test ends."""

from types import TracebackType
from typing import Self


class Closing:
    """A context manager that calls `close`."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
