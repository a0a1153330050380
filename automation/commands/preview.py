"""`slipway preview`: say what would change, and touch nothing."""

from pathlib import Path

from automation.engine.environment import prepare
from automation.engine.foresight import Foresight
from automation.environments import check_environment
from automation.events import Silent


def preview(
    environment: str, app: Path | None, allowed: tuple[str, ...], refresh: bool, as_json: bool
) -> int:
    """Print the plan of `slipway up`, built artifacts included, and return 0.

    Raise Blocked, the plan printed, where state would be lost that nobody allowed to lose.
    """
    check_environment(environment)
    prepared = prepare(environment, Silent())
    foresight = Foresight(prepared, refresh=refresh)
    if not prepared.fresh:
        foresight.begin()
    try:
        # Imported while the engine works: the rest of the driver takes as long as it does.
        from automation.commands.planning import plan

        return plan(prepared, foresight, app, as_json, allowed=allowed, refresh=refresh)
    finally:
        foresight.discard()
