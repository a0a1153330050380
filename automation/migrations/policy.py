"""The policy: which findings block a deployment, by what the environment asks for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from automation.migrations.lint.finding import Finding
from components.contract.settings import Settings


class Tolerance(Protocol):
    """What the rehearsal says of the old release on the new schema; None is inconclusive."""

    @property
    def tolerated(self) -> bool | None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What follows. `undecided`: only the rehearsal's proof can tell, and it has not run yet."""

    blocks: tuple[Finding, ...] = ()
    undecided: tuple[Finding, ...] = ()
    warns: tuple[Finding, ...] = ()
    reason: str = ""

    @property
    def blocked(self) -> bool:
        """Tell whether the deployment must not go on."""
        return bool(self.blocks)


def decide(
    findings: Sequence[Finding],
    tolerance: Tolerance | None,
    settings: Settings,
    downtime: bool,
) -> Decision:
    """Sort the findings by the environment's policy; docs/migrations.md has it as a table.

    `tolerance` is None before the rehearsal. `downtime`: the strategy stops the old release, so
    nobody minds what it tolerates, nor a lock.
    """
    blocks: list[Finding] = []
    undecided: list[Finding] = []
    warns: list[Finding] = []
    for each in findings:
        verdict = _verdict(each, tolerance, settings, downtime=downtime)
        {"block": blocks, "undecided": undecided, "warn": warns}[verdict].append(each)
    return Decision(
        blocks=tuple(blocks),
        undecided=tuple(undecided),
        warns=tuple(warns),
        reason=_reason(blocks, undecided, tolerance, settings),
    )


def _verdict(
    finding: Finding, tolerance: Tolerance | None, settings: Settings, *, downtime: bool
) -> str:
    policy = settings.database_policy
    if finding.allowed:
        return "warn"
    if finding.impossible:
        return "block"
    if policy == "permissive":
        return "warn"
    if policy == "strict":
        # A contracting revision drops what it says it drops, when nobody uses it any more.
        return "warn" if finding.held and finding.incompatible else "block"
    if not downtime and _keeps_waiting(finding, settings):
        return "block"
    if finding.incompatible and not finding.held and not downtime:
        if tolerance is None:
            return "undecided"
        return "warn" if tolerance.tolerated else "block"
    return "warn"


def _keeps_waiting(finding: Finding, settings: Settings) -> bool:
    lock = finding.lock
    if lock is None or lock.seconds is None or lock.blocks == "schema changes":
        return False
    return lock.seconds > settings.database_lock_seconds


def _reason(
    blocks: Sequence[Finding],
    undecided: Sequence[Finding],
    tolerance: Tolerance | None,
    settings: Settings,
) -> str:
    policy = f"databasePolicy {settings.database_policy}"
    if blocks:
        named = ", ".join(dict.fromkeys(_named(each) for each in blocks))
        risky = any(each.incompatible and not each.held for each in blocks)
        unproven = risky and tolerance is not None and tolerance.tolerated is not True
        waits = [each.lock.seconds or 0.0 for each in blocks if each.lock and not each.allowed]
        longest = max(waits, default=0.0)
        told = (
            f"; users would wait for {longest:.1f} s"
            if longest > settings.database_lock_seconds
            else ""
        )
        if unproven and settings.database_policy == "balanced":
            refused = tolerance is not None and tolerance.tolerated is False
            told = (
                "; the old release failed on the new schema in the rehearsal"
                if refused
                else "; nothing proved that the old release works with the new schema"
            )
        return f"{policy} blocks {named}{told}"
    if undecided:
        named = ", ".join(dict.fromkeys(_named(each) for each in undecided))
        return f"{policy}: the rehearsal decides on {named}"
    return f"{policy} blocks nothing"


def _named(finding: Finding) -> str:
    where = f" on {finding.table}" if finding.table else ""
    return f"{finding.rule}{where} ({finding.revision})"
