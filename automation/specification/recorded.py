"""The specification as it was when a release was built."""

from pathlib import Path

from pydantic import ValidationError

from automation.errors import Blocked
from automation.specification.models import Specification
from components.contract.release import Release


def recorded(release: Release) -> Specification:
    """Return the specification of a release, wherever that was built.

    Raise Blocked for one of a time when it was kept as a file, where that file is not here, and for
    one that was right then and is not any more.
    """
    text = release.specification
    try:
        document = text if text.startswith("{") else Path(text).read_text()
    except FileNotFoundError:
        raise Blocked(
            f"the specification of {release.id} is not kept any more: {text}",
            hint="Check its commit out and deploy it.",
        ) from None
    try:
        return Specification.model_validate_json(document)
    except ValidationError as error:
        raise Blocked(
            f"the specification of {release.id} is of an earlier version of Slipway",
            details=tuple(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()),
            hint="Check its commit out, mend its specification, and deploy it.",
        ) from None
