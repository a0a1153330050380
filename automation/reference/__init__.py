"""The parts of the documentation that are made from the code, so that they stay true."""

from collections.abc import Callable, Mapping
from typing import Final

from automation.reference import (
    commands,
    outcomes,
    parts,
    platforms,
    rules,
    settings,
    specification,
)

BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands.commands,
    "exit-codes": outcomes.exit_codes,
    "steps": parts.steps,
    "strategies": parts.strategies,
    "gates": parts.gates,
    "migration-rules": rules.rules,
    "report-sections": parts.report_sections,
    "platforms": platforms.platforms,
    "settings": settings.settings,
    "specification": specification.keys,
    "references": specification.references,
    "flows": specification.flow_keys,
}
