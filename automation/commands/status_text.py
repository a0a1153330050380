"""What `slipway status` prints for people."""

from typing import Any


def lines(found: dict[str, Any]) -> list[str]:
    """Return the answer as lines for people."""
    if found["release"] is None:
        text = [f"Nothing is live in {found['environment']}."]
    else:
        verdict = "healthy" if found["healthy"] else "NOT HEALTHY"
        text = [f"{found['environment']}: {found['release']}, {verdict}", f"  {found['url']}"]
    for name, slots in found["services"].items():
        for slot, held in slots.items():
            text.append(
                f"  {name:<9}{slot:<6}{held['weight']:>4} %  {held['release']}  {_ready(held)}"
            )
    if found["frozen"]:
        text.append(f"  frozen: {found['frozen']}")
    text += _drift(found) + _under_way(found)
    if found["contracting"] and not (found["deploying"] or found["unfinished"]):
        text.append(
            f"  contracting revisions outstanding: {', '.join(found['contracting'])}; the next "
            f"./slipway up {found['environment']} applies them"
        )
    if found["way_back"]:
        text.append(f"  way back: ./slipway rollback {found['environment']}  → {found['way_back']}")
    return text


def _ready(held: dict[str, Any]) -> str:
    if held["ready"] is not None:
        return f"{held['ready']} of {held['replicas']} ready"
    answers = "answers" if held["answers"] else "does NOT answer"
    return f"{answers}, {held['replicas']} replicas declared"


def _drift(found: dict[str, Any]) -> list[str]:
    if "drift" not in found:
        return []
    differs = [f"{d['operation']} {d['urn'].split('::')[-1]}" for d in found["drift"]]
    return [f"  drift: {', '.join(differs) or 'none'}"]


def _under_way(found: dict[str, Any]) -> list[str]:
    text, left = [], found["unfinished"]
    step = f"step {left['step']} of {left['steps']}" if left else ""
    if found["deploying"]:
        text.append(f"  deploying now: {found['deploying']}{f', {step}' if step else ''}")
    elif left:
        text.append(
            f"  unfinished: {left['deployment']} by {left['owner']} stopped at {step} of the way "
            f"to {left['target']}"
        )
        text.append(f"  next: {left['next']}")
    if found["left_at_work"]:
        text.append(
            f"  an update that its driver left is still at work (process {found['left_at_work']});"
            " the next command waits for it"
        )
    return text
