"""What `slipway preview` prints for people."""

from typing import Any


def lines(found: dict[str, Any]) -> list[str]:
    """Return the plan as lines for people."""
    if found["unchanged"]:
        rest = "only its contraction is left" if found["contracting"] else "nothing to deploy"
        text = [f"{found['environment']}: {found['release']} is live; {rest}"]
    else:
        text = [
            f"{found['environment']}: {found['live'] or 'nothing'} → {found['release']}, "
            f"{found['strategy']}"
        ]
        text += [f"  {number}. {step}" for number, step in enumerate(found["steps"], start=1)]
        text += [f"  migration {revision}" for revision in found["migrations"]]
    text += [
        f"  migration {revision}, when the old release is gone" for revision in found["contracting"]
    ]
    if found.get("frozen"):
        text.append(f"  frozen, so `up` would be blocked: {found['frozen']}")
    for each in found["resources"]:
        kind, name = each["urn"].split("::")[-2:]
        text.append(f"  {each['operation']:<8}{kind.split('$')[-1].split('/')[-1]} {name}")
    text += [
        f"  {loss['name']} would be {loss['operation']}; lost: {loss['what']}"
        for loss in found.get("losses", ())
        if loss["what"]
    ]
    counted = ", ".join(f"{n} {op}" for op, n in found["changes"].items())
    text.append(f"  resources: {counted}")
    return text
