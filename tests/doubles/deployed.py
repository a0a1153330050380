"""An engine whose changes take effect at once: a real web server answers for what is declared."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from automation.engine.care import Care
from automation.engine.update import OnLine, Update
from components.contract import outputs
from components.contract.desired import SLOTS, DesiredState, SlotName
from components.contract.release import SERVICES, ServiceName
from tests.doubles.closing import Closing
from tests.doubles.web import Asked, Reply, Web

REPLICA = "/replica/"


class FakeEngine(Closing):
    """Has the verbs of the engine, and keeps its state as the engine's backend does.

    `states` are those that became real, in order. `before(n)` is called inside the n-th `up`,
    counted from 1, before it takes effect, `after(n)` when it has: either may raise. Releases
    for which `sick` is true never become ready; those for which `broken` is true answer
    everything else with 500. `lost` are the numbers of replicas that never become ready,
    `statistics` where the load balancer's are. `configured` are the secrets that an operator gave.
    """

    def __init__(
        self,
        live: DesiredState | None = None,
        *,
        authority: Path | None = None,
        secrets: Mapping[str, str] | None = None,
        database: Mapping[str, str] | None = None,
        configured: Mapping[str, str] | None = None,
    ) -> None:
        self.live, self.care = live, Care()
        self.states: list[DesiredState] = []
        self.messages: list[str] = []
        self.previewed: list[DesiredState] = []
        self.ups = 0
        self.created = live is not None
        self.shield: Callable[[], AbstractContextManager[None]] = nullcontext
        self.before: Callable[[int], None] = lambda _number: None
        self.after: Callable[[int], None] = lambda _number: None
        self.sick: Callable[[str], bool] = lambda _release: False
        self.broken: Callable[[str], bool] = lambda _release: False
        self.lost: Collection[int] = ()
        self.statistics: str | None = None
        self.greeting = "hello"
        self.configured = dict(configured or {})
        self.authority, self.secrets, self.database = authority, secrets, database
        self.web = Web(self._answer)

    def outputs(self, *, secrets: bool = False) -> dict[str, Any] | None:
        if not self.created:
            return None
        if self.live is None:
            return {}
        found: dict[str, Any] = {
            outputs.STATE: self.live.model_dump(mode="json"),
            outputs.PUBLIC_URL: self.web.url,
            outputs.CA_CERTIFICATE: str(self.authority) if self.authority else None,
            outputs.EDGE_STATISTICS_URL: self.statistics,
            outputs.API_URL: f"{self.web.url}/api",
            outputs.FRONTEND_HEALTH_URL: f"{self.web.url}/",
            outputs.BACKEND_HEALTH_URL: f"{self.web.url}/api/health",
            outputs.ENDPOINTS: {
                name: {slot: self._replicas(name, slot) for slot in SLOTS} for name in SERVICES
            },
        }
        if secrets and self.secrets is not None:
            found[outputs.SECRETS] = dict(self.secrets)
        if secrets and self.database is not None:
            found[outputs.DATABASE] = dict(self.database)
        return found

    def state(self) -> DesiredState:
        return self.live or DesiredState()

    def up(self, desired: DesiredState, *, message: str, on_line: OnLine | None = None) -> Update:
        with self.shield():
            self.ups += 1
            self.before(self.ups)
            changes = {"same": 1} if desired == self.live else {"same": 1, "update": 1}
            self.live, self.created = desired, True
            self.states.append(desired)
            self.messages.append(message)
            if on_line is not None:
                on_line(f"declared {message}")
            self.after(self.ups)
        return Update(changes=changes)

    def preview(self, desired: DesiredState, *, on_line: OnLine | None = None) -> Update:
        self.previewed.append(desired)
        return Update(changes={"same": 1, "update": 1})

    def given(self) -> dict[str, str]:
        return dict(self.configured)

    def create(self) -> None:
        self.created = True

    def borrowed(self, unless: Callable[[], bool] = lambda: False) -> AbstractContextManager[None]:
        return nullcontext()

    def destroy(self, *, on_line: OnLine | None = None) -> Update:
        self.live, self.created = None, False
        return Update(changes={"delete": 1})

    def close(self) -> None:
        self.web.close()

    def _replicas(self, name: ServiceName, slot: SlotName) -> list[str]:
        held = self.state().service(name).slot(slot)
        return [f"{self.web.url}{REPLICA}{name}/{slot}/{n}" for n in range(held.replicas)]

    def _answer(self, asked: Asked) -> Reply | None:
        if asked.path.startswith(REPLICA):
            _, _, name, slot, rest = asked.path.split("/", 4)
            held = self.state().service(name).slot(slot)  # type: ignore[arg-type]
            well = held.release is not None and held.replicas and not self.sick(held.release)
            well = well and int(rest.split("/")[0]) not in self.lost
            return Reply(200 if well else 503, {"ready": bool(well)})
        name = "backend" if asked.path.startswith("/api") else "frontend"
        slots = self.state().service(name)
        slot = asked.headers.get(outputs.SLOT_HEADER) or slots.live() or ""
        held = slots.slot(slot)  # type: ignore[arg-type]
        if held.release is None or not held.replicas:
            return Reply(503, {"detail": "no healthy upstream"})
        status = 500 if self.broken(held.release) else 200
        headers = {outputs.RELEASE_HEADER: held.release}
        return Reply(status, {"greeting": self.greeting}, headers)
