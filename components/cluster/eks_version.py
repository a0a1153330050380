"""The version of a cluster: upward, one minor version at a time."""

import re

import pulumi

VERSION = re.compile(r"^1\.(\d+)$")


class UnsupportedUpgrade(ValueError):
    """A version that EKS does not go to from the one that runs."""


def check(running: str, wanted: str) -> None:
    """Raise UnsupportedUpgrade unless EKS can go from one version to the other in one step."""
    old, new = VERSION.match(running), VERSION.match(wanted)
    if old is None or new is None:
        return
    step = int(new[1]) - int(old[1])
    if step in (0, 1):
        return
    if step < 0:
        raise UnsupportedUpgrade(
            f"slipway:eksVersion is {wanted}, but {running} runs and EKS never goes back: "
            f"set it to {running}"
        )
    raise UnsupportedUpgrade(
        f"slipway:eksVersion is {wanted}, but {running} runs and EKS goes up by one minor version "
        f"at a time: deploy with 1.{int(old[1]) + 1} first"
    )


def one_at_a_time(name: str) -> pulumi.ResourceHookBinding:
    """Return what refuses other steps before anything is changed, in a preview too."""

    def refuse(args: pulumi.ResourceHookArgs) -> None:
        before, after = args.old_outputs or {}, args.new_inputs or {}
        running = before.get("version") or (args.old_inputs or {}).get("version")
        if running and after.get("version"):
            check(str(running), str(after["version"]))

    hook = pulumi.ResourceHook(
        f"{name}-one-version-at-a-time", refuse, pulumi.ResourceHookOptions(on_dry_run=True)
    )
    return pulumi.ResourceHookBinding(before_update=[hook])
