"""Operations: every change of Neon's is asked for first and done later."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from clients.neon.errors import NeonError, NotFound, OperationFailed, Refused, Unanswered
from clients.neon.transport import ATTEMPTS, Api, Json
from clients.waiting import backoff

T = TypeVar("T")
TAKEN = 409
DONE = frozenset({"finished", "skipped"})
FAILED = frozenset({"failed", "error", "cancelled"})
PATIENCE_SECONDS = 600.0
"""Neon does most in seconds; a branch of a large, archived parent takes minutes."""
POLL_SECONDS = (0.1, 2.0)
LOOK_BACK = 50
"""Operations of a project that are looked at, newest first."""


def change(api: Api, method: str, path: str, body: Json | None = None) -> Json:
    """Ask for a change that may be asked for twice, and wait until it is done."""
    answer = api.call(method, path, body, repeatable=True)
    wait(api, answer.get("operations", ()))
    return answer


def remove(api: Api, path: str) -> bool:
    """Delete something and wait until it is gone; tell whether it was there."""
    try:
        change(api, "DELETE", path)
    except NotFound:
        return False
    return True


def wait(api: Api, operations: Iterable[Json]) -> None:
    """Wait until operations are done. Raise OperationFailed where one fails or takes too long."""
    deadline = api.now() + PATIENCE_SECONDS
    for operation in operations:
        _wait(api, operation, deadline)


def finish(api: Api, answer: Json, undo: Callable[[], object]) -> None:
    """Wait until a creation is done. What a failed one half made is removed before it is told."""
    try:
        wait(api, answer.get("operations", ()))
    except OperationFailed:
        with suppress(NeonError):
            undo()
        raise


def settle(api: Api, project: str) -> None:
    """Wait until nothing is under way in a project any more, whoever asked for it."""
    deadline = api.now() + PATIENCE_SECONDS
    recent = api.get(f"/projects/{project}/operations", limit=LOOK_BACK)["operations"]
    for operation in recent:
        if operation["status"] not in FAILED:
            try:
                _wait(api, operation, deadline)
            except OperationFailed:
                # Somebody else's, or one that its own caller was told of.
                if api.now() >= deadline:
                    raise


def ensured(api: Api, find: Callable[[], T | None], make: Callable[[], T]) -> tuple[T, bool]:
    """Return what is found, else what is made, and whether it was made here and now.

    A creation whose answer was lost is looked for before it is tried again: never made twice.
    """
    for attempt in range(1, ATTEMPTS + 1):
        if (found := find()) is not None:
            return found, False
        try:
            return make(), True
        except (Unanswered, Refused) as error:
            # Taken: by the creation whose answer was lost, and which was slower than the look.
            taken = isinstance(error, Refused) and error.status == TAKEN
            if attempt == ATTEMPTS or not (taken or isinstance(error, Unanswered)):
                raise
            api.sleep(backoff(attempt))
    raise AssertionError("unreachable")


def _wait(api: Api, operation: Json, deadline: float) -> None:
    seen, every = operation, POLL_SECONDS[0]
    where = f"/projects/{operation['project_id']}/operations/{operation['id']}"
    while seen["status"] not in DONE:
        what = f"{seen['action']} of project {seen['project_id']}"
        if seen["status"] in FAILED:
            told = seen.get("error") or "no reason given"
            raise OperationFailed(f"Neon could not do {what}: {seen['status']}: {told}")
        if api.now() >= deadline:
            raise OperationFailed(
                f"{what} is still {seen['status']} after {PATIENCE_SECONDS:.0f} s"
            )
        api.sleep(every)
        every = min(POLL_SECONDS[1], every * 1.5)
        try:
            seen = api.get(where)["operation"]
        except NotFound:
            return  # the project is gone, and its operations with it
