"""What an update would replace or delete, and whether anybody allowed it.

The engine says it in a preview. What holds nothing may come and go; what holds data, names or keys
(components/contract/stateful.py) is lost only by its name.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from automation.errors import Blocked
from automation.reports.observed import CheckFact
from components.contract.stateful import lost_with

if TYPE_CHECKING:
    from automation.context import Context
    from automation.events import StepNotes

REPLACES = ("replace", "create-replacement", "delete-replaced")
DELETES = ("delete",)
OPTION = "--allow-replace"


@dataclass(frozen=True)
class Loss:
    """A resource that would be `replaced` or `deleted`; `what` is lost with it, or empty."""

    name: str
    type: str
    operation: str
    what: str

    @property
    def stateful(self) -> bool:
        """Tell whether something is lost that no deployment can make again."""
        return bool(self.what)

    def __str__(self) -> str:
        loss = f"; lost: {self.what}" if self.what else ""
        return f"{self.name} ({self.type}) would be {self.operation}{loss}"


def losses(resources: Iterable[tuple[str, str]]) -> list[Loss]:
    """Return what is replaced or deleted among pairs of operation and URN, each once."""
    found: dict[str, Loss] = {}
    for operation, urn in resources:
        if operation not in (*REPLACES, *DELETES):
            continue
        kinds, name = urn.split("::")[-2:]
        token = kinds.split("$")[-1]
        word = "replaced" if operation in REPLACES else "deleted"
        found.setdefault(urn, Loss(name, token, word, lost_with(token)))
    return list(found.values())


def refused(resources: Iterable[tuple[str, str]], allowed: Collection[str] = ()) -> list[Loss]:
    """Return those losses of state that nobody has allowed by name."""
    return [loss for loss in losses(resources) if loss.stateful and loss.name not in allowed]


def consider(context: "Context", resources: Iterable[tuple[str, str]], notes: "StepNotes") -> None:
    """Write down what is replaced or deleted, and raise Blocked as `refuse` does."""
    pairs, allowed = list(resources), context.engine.care.allowed
    found = losses(pairs)
    if not found:
        return
    status: Literal["failed", "passed"] = "failed" if refused(pairs, allowed) else "passed"
    details = "; ".join(map(str, found))
    context.facts.checks = [
        *(context.facts.checks or []),
        CheckFact(name="replacements", status=status, details=details),
    ]
    notes.message = f"{notes.message}; {details}"
    refuse(pairs, allowed, context.environment)


def refuse(
    resources: Iterable[tuple[str, str]], allowed: Collection[str], environment: str
) -> None:
    """Raise Blocked, naming each, where state would be lost that nobody has allowed to lose."""
    lost = refused(resources, allowed)
    if not lost:
        return
    options = " ".join(f"{OPTION} {loss.name}" for loss in lost)
    raise Blocked(
        f"{len(lost)} resources with state would be replaced or deleted",
        hint=f"Undo what changed them in Pulumi.{environment}.yaml or in the platform; or, with "
        f"backups at hand, run the command again with {options}",
        details=tuple(map(str, lost)),
    )


def unprotect(context: "Context") -> None:
    """Lift the protection of what may be lost; the update that follows protects it again.

    What goes with it is not told apart in a preview, where the new one's id is not known yet.
    """
    allowed = context.engine.care.allowed
    found = [
        each
        for each in context.engine.resources()
        if allowed & {each.name, each.within.split("::")[-1]}
    ]
    if lifted := context.engine.unprotect(found):
        context.events.note(f"protection lifted for this update: {', '.join(lifted)}")


def protected(urns: Collection[str], environment: str) -> Blocked:
    """Return the error for protected resources that the engine refuses to replace or delete."""
    names = [urn.split("::")[-1] for urn in urns]
    lost = [loss for loss in losses([("delete", urn) for urn in urns]) if loss.stateful]
    options = " ".join(f"{OPTION} {name}" for name in names)
    return Blocked(
        f"protected resources would be replaced or deleted: {', '.join(names)}",
        hint=f"Undo what changed them in Pulumi.{environment}.yaml or in the platform; or, with "
        f"backups at hand: ./slipway up {environment} {options}, which lifts their protection "
        "for that update.",
        details=tuple(f"{each.name} ({each.type}); lost: {each.what}" for each in lost),
    )
