"""What the smoke flows showed, flow by flow and category by category."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from automation.specification.models import Category, Severity

FlowStatus = Literal["passed", "failed", "skipped"]

REPORTED: tuple[Category, ...] = ("authentication", "crud_operations", "multi_user_isolation")
"""Categories that a deployment report always has, declared or not."""


@dataclass(frozen=True)
class FlowResult:
    """One flow. `error_message` is why it failed or was skipped, None where it passed."""

    name: str
    category: Category
    severity: Severity
    status: FlowStatus
    duration_ms: int
    error_message: str | None = None


@dataclass(frozen=True)
class CategoryResult:
    """All flows of one category. `failed` where one failed, `skipped` where none was run."""

    status: FlowStatus
    details: str


def functionality(results: Sequence[FlowResult]) -> dict[Category, CategoryResult]:
    """Sum up by category: those with flows, and those that a report always has."""
    categories = dict.fromkeys([*REPORTED, *(result.category for result in results)])
    return {name: _category([r for r in results if r.category == name]) for name in categories}


def _category(results: Sequence[FlowResult]) -> CategoryResult:
    if not results:
        return CategoryResult("skipped", "no flow of this category was run")
    failed = [result for result in results if result.status == "failed"]
    if failed:
        return CategoryResult("failed", "; ".join(f"{r.name}: {r.error_message}" for r in failed))
    skipped = [result for result in results if result.status == "skipped"]
    reasons = "; ".join(f"{r.name} skipped: {r.error_message}" for r in skipped)
    if len(skipped) == len(results):
        return CategoryResult("skipped", reasons)
    passed = f"passed: {', '.join(r.name for r in results if r.status == 'passed')}"
    return CategoryResult("passed", f"{passed}; {reasons}" if reasons else passed)
