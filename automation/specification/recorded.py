"""The specification as it was when a release was built."""

import json
from pathlib import Path

from automation.errors import Blocked
from automation.specification.models import Specification
from components.contract.release import Release


def recorded(release: Release) -> Specification:
    """Return the specification of a release. Raise Blocked where it is not kept any more."""
    try:
        return Specification.model_validate(json.loads(Path(release.specification).read_text()))
    except FileNotFoundError:
        raise Blocked(
            f"the specification of {release.id} is not kept any more: {release.specification}",
            hint="Check its commit out and deploy it.",
        ) from None
