"""What a rehearsal showed, told to people."""

from automation.context import Context
from automation.migrations.move import Move
from automation.migrations.rehearsal import Rehearsal
from automation.migrations.tolerance import Tolerance
from components.contract.release import Release


def told(
    context: Context,
    move: Move,
    rehearsal: Rehearsal,
    tolerance: Tolerance,
    tried: Release | None,
) -> None:
    """Note what does not work on the way back, and whether the release lives with the schema."""
    names = ", ".join(leg.revision for leg in move.legs)
    if rehearsal.downgrade_problem:
        line = f"the way back of the schema does not work: {rehearsal.downgrade_problem}"
        context.events.note(line)
        for each in rehearsal.difference[:10]:
            context.events.note(f"  {each}")
        context.facts.short_term.append(f"Mend the downgrade of {names}: it failed.")
    elif rehearsal.lossy:
        line = f"the downgrade of {names} does not bring back the rows of "
        context.events.note(line + ", ".join(rehearsal.lossy))
    if tried is not None:
        word = {True: "yes", False: "no", None: "unknown"}[tolerance.tolerated]
        context.events.note(f"{tried.id} lives with the schema {move.target}: {word}")
        context.events.note(tolerance.reason)
