"""What no deployment can make again: in production the engine itself refuses to lose it."""

import pulumi

from components.contract.stateful import lost_with

PROTECTED = ("production",)


def protecting(environment: str) -> pulumi.ResourceOptions:
    """Return the options of the root of an environment, by which what is below is protected."""
    return pulumi.ResourceOptions(transformations=[protect] if environment in PROTECTED else None)


def protect(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    """Protect a resource that holds state, unless its own component has said whether to."""
    if args.opts.protect is not None or not lost_with(args.type_):
        return None
    # Others have the same options: theirs stay as they are.
    kept = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformationResult(props=args.props, opts=kept)
