"""What each platform works with and needs, from the registries."""

from collections.abc import Sequence

from automation.reference.tables import table
from components.contract.platforms import AWS, REGISTRIES, Platform
from components.contract.settings_file import alias


def platforms() -> str:
    """Return the table of the platforms that ask for something."""
    rows = [
        (concern.replace("_", " "), f"`{name}`", _beside(one), _needs(one), _credentials(one))
        for concern, registry in REGISTRIES.items()
        for name, one in registry.items()
        if one.beside or one.needs or one.credentials
    ]
    return table(("Concern", "Platform", "Works with", "Needs", "Credentials"), rows)


def _beside(one: Platform) -> str:
    return "; ".join(
        f"{other.replace('_', ' ')} {_either(works)}" for other, works in one.beside.items()
    )


def _needs(one: Platform) -> str:
    return "; ".join(_either([f"slipway:{alias(key)}" for key in group]) for group in one.needs)


def _credentials(one: Platform) -> str:
    # One page says what AWS's are, rather than each line here.
    at_aws = one.credentials == AWS
    return "[AWS's](aws_eks.md#who-deploys-needs)" if at_aws else _either(one.credentials)


def _either(names: Sequence[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
