"""What an API's answer holds, where it is the API that answered."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


def json_object(answer: "httpx.Response") -> dict[str, Any] | None:
    """Return the JSON object of an answer, empty where it has no content; None for all else."""
    if not answer.content:
        return {}
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
