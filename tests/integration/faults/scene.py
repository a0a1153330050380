"""An environment with rows in its database, and what must hold after each fault done to it."""

import json
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import conninfo

from tests.integration.driver import Ran
from tests.integration.faults.aftermath import checksum, orphans, pending, recorded_state
from tests.integration.faults.matrix import BACK, Fault, Kind, Recorded, record, told
from tests.integration.faults.watched import Watched
from tests.integration.tiny import Tiny, plain, tiny

ROWS = 500
LOOKS, UNDOES, AGAIN = 0.3, 0.4, 0.2
"""How often somebody looks first, undoes what was left, and deploys the change again."""
MISSED = "not reached"
"""What is said of a fault whose moment did not come."""
CODES: dict[Kind, tuple[int, ...]] = {
    # too late, and nothing was under way any more: as if nothing had happened
    "driver killed": (0, -signal.SIGKILL),
    "engine killed": (0, 6, 7),
    "SIGINT": (0, 130),
    "SIGTERM": (0, 130),
    "SIGINT twice": (0, 130),
}


@dataclass
class Scene:
    """One installation in which a release is live, and what its database held from the start."""

    tiny: Tiny
    rows: tuple[Any, ...]
    database: str = ""
    count: int = 0
    sources: dict[str, int] = field(default_factory=dict)
    """Which change each release was made of."""

    def change(self) -> None:
        """Give the next `up` something to deploy."""
        self.count += 1
        self.tiny.serve(f"well-{self.count}")

    def take_back(self, release: str) -> None:
        """Give the next `up` what a release was made of, where that is known."""
        if (number := self.sources.get(release)) is not None:
            self.tiny.serve(f"well-{number}")

    def recorded(self) -> Recorded:
        """Follow a deployment to its end, and one that is interrupted and goes back."""
        self.change()
        whole = Watched.up(self.tiny)
        first = record(whole)
        self.tiny.slipway.end(whole.process)
        self.change()
        back = Watched.up(self.tiny)
        back.until(lambda event: event.get("step") == "verify")
        back.process.send_signal(signal.SIGINT)
        second = record(back)
        self.tiny.slipway.end(back.process)
        moments = dict.fromkeys((*first.moments, *second.moments))
        return Recorded(tuple(moments), first.engines | second.engines)

    def suffer(self, fault: Fault, choice: random.Random) -> str:
        """Deploy a change, do the fault, run the next command; return what was done after it.

        Raise AssertionError where the environment is not home then.
        """
        self.change()
        run = Watched.up(self.tiny)
        struck = self._strike(run, fault)
        ended = self.tiny.slipway.end(run.process)
        if struck:
            assert ended.code in CODES[fault.kind], f"{fault}: {ended}"
            if fault.kind != "driver killed":
                plain(ended)
            self._struck(fault)
        done = []
        for command, what in self._next(choice):
            ran = plain(self.tiny(*command))
            done.append(what)
            if command[0] != "status":
                self._home(fault, ran)
        return f"{ended.code if struck else MISSED}, {' then '.join(done)}"

    def held(self) -> tuple[Any, ...]:
        """Return what became of the rows that were there from the start."""
        return checksum(self.database)

    def _struck(self, fault: Fault) -> None:
        """See what must hold right after a fault, before the next command."""

    def _strike(self, run: Watched, fault: Fault) -> bool:
        """Do the fault at its moment; false where the deployment ended before it came."""
        moment = fault.moment
        if moment.step == BACK:
            if not run.until(lambda event: event.get("step") == "verify"):
                return False
            run.process.send_signal(signal.SIGINT)
        left = moment.nth

        def come(event: dict[str, Any]) -> bool:
            nonlocal left
            here = event.get("step") == moment.step and event["event"] == moment.event
            left -= here and moment.text in ("", told(event))
            return left <= 0

        return run.until(come) and self._do(run, fault.kind)

    def _do(self, run: Watched, kind: Kind) -> bool:
        if kind == "driver killed":
            run.process.kill()
        elif kind == "engine killed":
            if not run.see(lambda: run.engine() is not None):
                return False
            if (engine := run.engine()) is not None:
                engine.kill()
        else:
            number = signal.SIGTERM if kind == "SIGTERM" else signal.SIGINT
            run.process.send_signal(number)
            if kind == "SIGINT twice":
                run.see(lambda: any(event["event"] != "progress" for event in run.fresh()))
                if not run.ended():
                    run.process.send_signal(number)
        return True

    def _next(self, choice: random.Random) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield the commands that follow a fault, and what they are called.

        Somebody looks, or not. Then the change is deployed again, or it was taken back and what
        was live is to stay, or the rollout is undone where it was left unfinished.
        """
        if choice.random() < LOOKS:
            yield ("status", "development", "--json"), "status"
        state = recorded_state(self.tiny)
        rollout = state.rollout
        if rollout is not None and choice.random() < UNDOES:
            yield ("rollback", "development"), "rollback"
            return
        if choice.random() < AGAIN:
            yield ("up", "development"), "up"
            return
        serving = state.live_release()
        self.take_back((rollout.back_to if rollout else serving.id if serving else None) or "")
        yield ("up", "development"), "up of what was live"

    def _home(self, fault: Fault, ran: Ran) -> None:
        """See one verified release live, nothing unfinished, nothing left, nothing lost."""
        assert ran.code == 0, f"after {fault}: {ran}"
        found = self.tiny.status()
        assert found["healthy"], f"after {fault}: {found}\n{ran}"
        assert found["unfinished"] is None, f"after {fault}: {found}"
        self.sources.setdefault(found["release"], self.count)
        weights = [slot["weight"] for slot in found["services"]["backend"].values()]
        assert sorted(weights)[-1] == 100 == sum(weights), f"after {fault}: {found}"
        assert orphans(self.tiny) == [], f"after {fault}"
        assert self.held() == self.rows, f"after {fault}"
        assert pending(self.tiny) == [], f"after {fault}"
        assert list((self.tiny.home / "development").glob("desired-*")) == []
        latest = (self.tiny.home / "development" / "latest").read_text()
        assert latest == self.tiny.deployments()[-1].name, f"no report after {fault}"
        report = json.loads((self.tiny.deployments()[-1] / "report.json").read_text())
        assert report["deployment_report"]


@contextmanager
def scene() -> Iterator[Scene]:
    """Give an environment with a release that is live, and rows."""
    with tiny() as installed:
        installed.serve("well-0")
        installed("up", "development").ok()
        known = installed.slipway.outputs("development", secrets=True)["database"]
        database = conninfo.make_conninfo(
            host=known["host"],
            port=int(known["port"]),
            dbname=known["name"],
            user=known["owner"],
            password=known["owner_password"],
        )
        with psycopg.connect(database) as connection:
            connection.execute("CREATE TABLE ledger (id int PRIMARY KEY, note text NOT NULL)")
            connection.execute(
                "INSERT INTO ledger SELECT n, md5(n::text) FROM generate_series(1, %s) n", (ROWS,)
            )
        first = recorded_state(installed).history[-1].release
        yield Scene(installed, checksum(database), database, sources={first: 0})
