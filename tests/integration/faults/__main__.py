"""`make faults`: do every fault, and see the next command get home from each."""

import argparse
import functools
import random
import sys
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tests.integration.faults.matrix import SCHEMA, Fault, Recorded, faults
from tests.integration.faults.migrating import KINDS_OF_SCHEMA, migrating
from tests.integration.faults.scene import MISSED, Scene, scene
from tests.integration.tiny import at_the_same_instant

ROUNDS = 50
Listing = Callable[[Recorded], list[Fault]]
SCENES: dict[str, tuple[Callable[[], AbstractContextManager[Scene]], Listing]] = {
    "plain": (scene, faults),
    "migrating": (migrating, functools.partial(faults, steps=SCHEMA, kinds=KINDS_OF_SCHEMA)),
}
"""How an application is deployed to which the faults are done, and which those are."""


@dataclass
class Trial:
    """The faults that are still to be done, where, and what came of those that were."""

    make: Callable[[], AbstractContextManager[Scene]]
    todo: "deque[Fault]"
    seed: int
    home: list[Fault] = field(default_factory=list)
    late: list[Fault] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Do faults until none is left, in a new environment after each that was not survived."""
        while self.todo:
            try:
                with self.make() as place:
                    while self.todo and self.suffered(place, self.todo.popleft()):
                        pass
            except Exception:  # noqa: BLE001 - the others are to be tried as well
                self.fail("an environment could not be made or removed")

    def suffered(self, place: Scene, fault: Fault) -> bool:
        """Do one fault; tell whether the environment can be used for another."""
        try:
            done = place.suffer(fault, random.Random(f"{self.seed} {fault}"))
        except Exception:  # noqa: BLE001 - the others are to be tried as well
            self.fail(str(fault))
            return False
        self.home.append(fault)
        if done.startswith(MISSED):
            self.late.append(fault)
        say(f"{len(self.home):4} ✓ {fault}: {done}")
        return True

    def fail(self, what: str) -> None:
        """Remember and tell what was not survived."""
        self.lost.append(what)
        say(f"     × {what}\n{traceback.format_exc()}")


def main() -> int:
    """Run all of them, or a number of them, and print the count."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.faults")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", type=int, help="how many, chosen by the seed; all where unset")
    parser.add_argument("--match", default="", help="only those whose name contains this text")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of two deployments at once")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scene", choices=SCENES, help="where only; every one where unset")
    arguments = parser.parse_args()
    names = [arguments.scene] if arguments.scene else list(SCENES)
    good = [_all(name, arguments) for name in names]
    together = _one_at_a_time(arguments.rounds)
    return 0 if all(good) and together else 1


def _all(name: str, arguments: argparse.Namespace) -> bool:
    """Do the faults of one kind of scene; tell whether the next command got home from each."""
    make, listed = SCENES[name]
    with make() as place:
        every = listed(place.recorded())
    every = [fault for fault in every if arguments.match in str(fault)]
    random.Random(arguments.seed).shuffle(every)
    trial = Trial(make, deque(every[: arguments.only]), arguments.seed)
    number = len(trial.todo)
    say(f"{name}: {number} faults, seed {arguments.seed}")
    with ThreadPoolExecutor(arguments.workers) as pool:
        for done in [pool.submit(trial.work) for _ in range(arguments.workers)]:
            done.result()
    for what in trial.lost:
        say(f"NOT HOME: {what}")
    late = f" (the moment of {len(trial.late)} did not come)" if trial.late else ""
    say(f"{name}: {number} faults: {len(trial.home)} got home{late}")
    return not trial.lost


def _one_at_a_time(rounds: int) -> bool:
    good = 0
    with scene() as place:
        for _ in range(rounds):
            try:
                at_the_same_instant(place.tiny, change=place.change)
                good += 1
            except AssertionError as error:
                say(str(error))
    say(f"{rounds} times two at once: {good} times one deployed and one was refused by name")
    return good == rounds


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
