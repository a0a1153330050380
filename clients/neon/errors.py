"""What can go wrong with Neon's API. Messages name the call, never the key."""


class NeonError(Exception):
    """Anything that the API, or the way to it, refuses. `hint` says what to do next."""

    hint = "See https://neonstatus.com and the project in Neon's console."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}"


class KeyMissing(NeonError):
    """No key to call the API with."""

    hint = "Set NEON_API_KEY to a key from Neon's console, Account settings, API keys."


class Unreachable(NeonError):
    """It was not asked: no connection could be made, or something else answered."""

    hint = "Check the network, and NEON_API_URL where it is set."


class Refused(NeonError):
    """The API said no. `status` is HTTP's, `code` the API's own, often empty."""

    def __init__(self, what: str, status: int, code: str, told: str, request: str = "") -> None:
        by = f" (request {request})" if request else ""
        super().__init__(
            f"Neon refused {what}: {status} {code or ''} {told}{by}".replace("  ", " ")
        )
        self.status, self.code = status, code
        if status in (401, 403):
            self.hint = "Check that NEON_API_KEY is valid and may change this project."
        elif code.endswith("LIMIT_EXCEEDED"):
            self.hint = "Remove what is not needed in Neon's console, or choose a larger plan."


class NotFound(Refused):
    """What was asked for is not there."""


class Unanswered(NeonError):
    """Nobody knows whether the change was made: its answer was lost, or said 5xx."""

    hint = "Run the command again: what was made is found by its name and used."


class OperationFailed(NeonError):
    """An operation ended otherwise than well, or did not end in time."""
