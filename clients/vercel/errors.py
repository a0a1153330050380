"""What can go wrong with Vercel's API. Messages name the call, never the token."""


class VercelError(Exception):
    """Anything that the API, or the way to it, refuses. `hint` says what to do next."""

    hint = "See https://www.vercel-status.com and the project in Vercel's dashboard."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}"


class TokenMissing(VercelError):
    """No token to call the API with."""

    hint = "Set VERCEL_API_TOKEN to a token from Vercel's account settings, Tokens."


class Unreachable(VercelError):
    """It was not asked: no connection could be made, or something else answered."""

    hint = "Check the network, and VERCEL_API_URL where it is set."


class Refused(VercelError):
    """The API said no. `status` is HTTP's, `code` the API's own; `told` is its whole error."""

    def __init__(self, what: str, status: int, told: dict[str, object]) -> None:
        self.status, self.code, self.told = status, str(told.get("code") or ""), told
        text = f"Vercel refused {what}: {status} {self.code} {told.get('message') or ''}"
        super().__init__(" ".join(text.split())[:400])
        if status in (401, 403):
            self.hint = (
                "Check that VERCEL_API_TOKEN is valid, belongs to slipway:vercelTeam, "
                "and may change this project."
            )
        elif status == 402:
            self.hint = "Vercel's plan does not allow this, or a bill is unpaid."


class NotFound(Refused):
    """What was asked for is not there."""


class Unanswered(VercelError):
    """Nobody knows whether the change was made: its answer was lost, or said 5xx."""

    hint = "Run the command again: what was made is found and used."


class DeploymentFailed(VercelError):
    """A deployment ended otherwise than ready, or not in time."""

    hint = "Its log is in Vercel's dashboard, with the deployment."
