"""A clock that passes only when somebody sleeps."""


class FakeClock:
    """Starts at `now` seconds; `slept` lists every wait."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
