"""An environment with rows in its database, and what must hold after each fault done to it."""

import json
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg

from automation import leftovers
from tests.integration.driver import Ran, eventually
from tests.integration.faults.matrix import BACK, Fault, Kind, Recorded, record, told
from tests.integration.faults.watched import Watched
from tests.integration.tiny import Tiny, plain, tiny

ROWS = 500
MISSED = "not reached"
"""What is said of a fault whose moment did not come."""
PATIENT = "60"
"""Seconds for replicas to become ready: what fails must be the fault, not a busy machine."""
CHECKSUM = "SELECT count(*), md5(string_agg(id || ':' || note, ',' ORDER BY id)) FROM ledger"
CODES: dict[Kind, tuple[int, ...]] = {
    "driver killed": (-signal.SIGKILL,),
    # too late, and nothing was under way any more: as if nothing had happened
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
    count: int = 0

    def change(self) -> None:
        """Give the next `up` something to deploy."""
        self.count += 1
        self.tiny.serve(f"well-{self.count}")

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
        commands = self._next(choice)
        for command in commands:
            ran = plain(self.tiny(*command))
            if command[0] != "status":
                self._home(fault, ran)
        done = " then ".join(command[0] for command in commands)
        return f"{ended.code}, {done}" if struck else f"{MISSED}, {done}"

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

    def _next(self, choice: random.Random) -> list[tuple[str, ...]]:
        look = [("status", "development", "--json")] if choice.random() < 0.3 else []
        back = bool(self.tiny.status()["unfinished"]) and choice.random() < 0.4
        return [*look, ("rollback", "development") if back else ("up", "development")]

    def _home(self, fault: Fault, ran: Ran) -> None:
        """See one verified release live, nothing unfinished, nothing left, nothing lost."""
        assert ran.code == 0, f"after {fault}: {ran}"
        found = self.tiny.status()
        assert found["healthy"], f"after {fault}: {found}\n{ran}"
        assert found["unfinished"] is None, f"after {fault}: {found}"
        weights = [slot["weight"] for slot in found["services"]["backend"].values()]
        assert sorted(weights)[-1] == 100 == sum(weights), f"after {fault}: {found}"
        assert orphans(self.tiny) == [], f"after {fault}"
        assert checksum(self.tiny) == self.rows, f"after {fault}"
        assert _pending(self.tiny) == [], f"after {fault}"
        assert list((self.tiny.home / "development").glob("desired-*")) == []
        latest = (self.tiny.home / "development" / "latest").read_text()
        assert latest == self.tiny.deployments()[-1].name, f"no report after {fault}"
        report = json.loads((self.tiny.deployments()[-1] / "report.json").read_text())
        assert report["deployment_report"]


def orphans(installed: Tiny) -> list[str]:
    """List what runs of this installation and is neither supervised nor the supervisor."""
    run = installed.slipway.run_folder("development")
    file = run / "supervisor.pid"
    expected: set[int] = set()
    if file.exists():
        supervisor = psutil.Process(int(file.read_text()))
        expected = {supervisor.pid, *(child.pid for child in supervisor.children(recursive=True))}

    def left() -> list[str]:
        every = [*installed.slipway.processes(), *leftovers.found(run.parent)]
        return sorted({_told(process) for process in every if process.pid not in expected})

    return list(eventually(left, lambda found: found == [], what="no orphan is left", seconds=20))


def checksum(installed: Tiny) -> tuple[Any, ...]:
    """Return how many rows there are and what they hold."""
    with _database(installed) as connection:
        found = connection.execute(CHECKSUM).fetchone()
    assert found is not None
    return found


@contextmanager
def scene() -> Iterator[Scene]:
    """Give an environment with a release that is live, and rows."""
    with tiny() as installed:
        installed.settings(healthTimeoutSeconds=PATIENT)
        installed("up", "development").ok()
        with _database(installed) as connection:
            connection.execute("CREATE TABLE ledger (id int PRIMARY KEY, note text NOT NULL)")
            connection.execute(
                "INSERT INTO ledger SELECT n, md5(n::text) FROM generate_series(1, %s) n", (ROWS,)
            )
        yield Scene(installed, checksum(installed))


def _database(installed: Tiny) -> psycopg.Connection:
    known = installed.slipway.outputs("development", secrets=True)["database"]
    return psycopg.connect(
        host=known["host"],
        port=int(known["port"]),
        dbname=known["name"],
        user=known["owner"],
        password=known["owner_password"],
    )


def _pending(installed: Tiny) -> list[Any]:
    file = installed.home / "state/.pulumi/stacks/slipway/development.json"
    latest = json.loads(file.read_text())["checkpoint"]["latest"]
    return list(latest.get("pending_operations") or [])


def _told(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.Error:
        return str(process.pid)
