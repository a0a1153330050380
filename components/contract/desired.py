"""Desired states: what every slot holds, and the history of how it came to be."""

from typing import Literal

from pydantic import Field, model_validator

from components.contract.base import Contract
from components.contract.proof import SchemaProof
from components.contract.release import Release, ServiceName

SlotName = Literal["blue", "green"]
SLOTS: tuple[SlotName, ...] = ("blue", "green")
HISTORY_LIMIT = 50
"""Deployments remembered in the stack's outputs; the design asks for at least 20."""

Outcome = Literal["in_progress", "deployed", "unchanged", "rolled_back", "failed"]


class Audience(Contract):
    """Users who are told apart by a header or a cookie of their requests."""

    kind: Literal["header", "cookie"]
    name: str
    value: str


class Slot(Contract):
    """A place for one release: an idle slot has no replicas and weight 0.

    An `audience` comes to this slot whatever the weights are.
    """

    release: str | None = None
    replicas: int = Field(default=0, ge=0)
    weight: int = Field(default=0, ge=0, le=100)
    audience: Audience | None = None

    @model_validator(mode="after")
    def _without_a_release_nothing_runs(self) -> "Slot":
        if self.release is None and (self.replicas or self.weight):
            raise ValueError("a slot without a release has no replicas and weight 0")
        return self

    def with_weight(self, weight: int) -> "Slot":
        """Return the same slot with another weight. Raise ValueError where it holds no release."""
        return Slot(**{**dict(self), "weight": weight})


class Slots(Contract):
    """The two slots of one service. Weights add up to 100, or to 0 while nothing is live."""

    blue: Slot = Slot()
    green: Slot = Slot()

    @model_validator(mode="after")
    def _weights_add_up(self) -> "Slots":
        total = self.blue.weight + self.green.weight
        if total not in (0, 100):
            raise ValueError(f"the weights of a service's slots add up to 100 or 0, not {total}")
        return self

    def slot(self, name: SlotName) -> Slot:
        """Return the slot of that name."""
        return self.blue if name == "blue" else self.green

    def live(self) -> SlotName | None:
        """Return the slot that serves most traffic, or None where nothing is live."""
        if self.blue.weight + self.green.weight == 0:
            return None
        return "blue" if self.blue.weight >= self.green.weight else "green"

    def idle(self) -> SlotName:
        """Return the slot that a new release goes to."""
        return "green" if self.live() == "blue" else "blue"

    def with_slot(self, name: SlotName, slot: Slot) -> "Slots":
        """Return the same slots with one of them replaced."""
        return Slots(**{"blue": self.blue, "green": self.green, name: slot})

    def with_weights(self, *, blue: int = 0, green: int = 0) -> "Slots":
        """Return the same slots with other weights; both are set at once, so they add up."""
        return Slots(blue=self.blue.with_weight(blue), green=self.green.with_weight(green))


class Rollout(Contract):
    """The rollout under way: enough for any machine to finish it or to undo it.

    `restores` is set where it puts an older backup in the database's place: the id of the backup
    made before that, which undoing it puts back. A restore may take along what the database knows.
    """

    deployment: str
    strategy: str
    step: int
    steps: int
    target: str
    back_to: str | None = None
    back_to_slots: dict[ServiceName, Slots]
    owner: str
    action: Literal["deploy", "rollback"] = "deploy"
    restores: str | None = None


class DeploymentRecord(Contract):
    """One line of the history. Times are ISO 8601 in UTC; seconds are wall-clock."""

    id: str
    release: str
    version: str
    commit: str | None = None
    action: Literal["deploy", "rollback"]
    strategy: str
    outcome: Outcome
    reason: str | None = None
    started_at: str
    seconds: float
    deployer: str
    previous: str | None = None
    performance: dict[str, float] = Field(default_factory=dict)
    backup: str | None = None


class Address(Contract):
    """Where the public reaches the application. Chosen once, then kept."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return the public base URL, without a trailing slash."""
        return f"https://{self.host}:{self.port}" if self.port != 443 else f"https://{self.host}"


class Freeze(Contract):
    """Nothing may be deployed until somebody says so. `since` is ISO 8601 in UTC."""

    message: str
    by: str
    since: str


class DesiredState(Contract):
    """The content of the slots plus the release history: all that the program needs to know."""

    address: Address | None = None
    backend: Slots = Slots()
    frontend: Slots = Slots()
    releases: dict[str, Release] = Field(default_factory=dict)
    history: tuple[DeploymentRecord, ...] = ()
    alembic_head: str | None = None
    proofs: tuple[SchemaProof, ...] = ()
    rollout: Rollout | None = None
    freeze: Freeze | None = None

    @model_validator(mode="after")
    def _every_slot_holds_a_known_release(self) -> "DesiredState":
        for slots in (self.backend, self.frontend):
            for slot in (slots.blue, slots.green):
                if slot.release is not None and slot.release not in self.releases:
                    raise ValueError(f"slot holds release {slot.release}, which is not recorded")
        return self

    def proof(self, release: str, head: str | None) -> SchemaProof | None:
        """Return what is known of a release on the schema at a revision; the newest counts."""
        found = (one for one in reversed(self.proofs) if (one.release, one.head) == (release, head))
        return next(found, None)

    def with_proof(self, proof: SchemaProof) -> "DesiredState":
        """Return the same state with a proof, without those of releases that are forgotten."""
        kept = [
            one
            for one in self.proofs
            if one.release in self.releases
            and (one.release, one.head) != (proof.release, proof.head)
        ]
        return self.model_copy(update={"proofs": (*kept, proof)})

    def service(self, name: ServiceName) -> Slots:
        """Return the slots of a service."""
        return self.frontend if name == "frontend" else self.backend

    def with_service(self, name: ServiceName, slots: Slots) -> "DesiredState":
        """Return the same state with the slots of one service replaced.

        Raise ValueError where they hold a release that is not recorded.
        """
        # copied attribute by attribute: a model's own copy would not be validated
        return DesiredState(**{**dict(self), name: slots})

    def live_release(self) -> Release | None:
        """Return the release that serves most traffic, judged by the backend where there is one."""
        for slots in (self.backend, self.frontend):
            live = slots.live()
            if live is not None:
                return self.releases[slots.slot(live).release or ""]
        return None
