"""`make faults`: do every fault, and see the next command get home from each."""

import argparse
import random
import sys
import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from tests.integration.faults.matrix import Fault, faults
from tests.integration.faults.scene import Scene, scene
from tests.integration.test_two_at_once import at_the_same_instant

ROUNDS = 50


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run all of them, or a number of them, and print the count."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.faults")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", type=int, help="how many, chosen by the seed; all where unset")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with scene() as place:
        todo = faults(place.recorded())
    random.Random(arguments.seed).shuffle(todo)
    todo = todo[: arguments.only]
    say(f"{len(todo)} faults, seed {arguments.seed}")
    queue, lost = deque(enumerate(todo, start=1)), []

    def work() -> None:
        while queue:
            with scene() as place:
                while queue:
                    number, fault = queue.popleft()
                    if not _home(place, number, fault, arguments.seed, lost):
                        break  # what is left of this environment would fail the others

    with ThreadPoolExecutor(arguments.workers) as pool:
        for done in [pool.submit(work) for _ in range(arguments.workers)]:
            done.result()
    for fault, _ in lost:
        say(f"NOT HOME: {fault}")
    say(f"{len(todo)} faults: {len(todo) - len(lost)} got home")
    return 1 if lost or not _one_at_a_time() else 0


def _one_at_a_time() -> bool:
    good = 0
    with scene() as place:
        for _ in range(ROUNDS):
            try:
                at_the_same_instant(place.tiny, change=place.change)
                good += 1
            except AssertionError as error:
                say(str(error))
    say(f"{ROUNDS} times two at once: {good} times one deployed and one was refused by name")
    return good == ROUNDS


def _home(
    place: Scene, number: int, fault: Fault, seed: int, lost: list[tuple[Fault, str]]
) -> bool:
    try:
        done = place.suffer(fault, random.Random(f"{seed} {fault}"))
    except Exception:  # noqa: BLE001 - the others are to be tried as well
        lost.append((fault, traceback.format_exc()))
        say(f"{number:4} × {fault}\n{lost[-1][1]}")
        return False
    say(f"{number:4} ✓ {fault}: {done}")
    return True


if __name__ == "__main__":
    sys.exit(main())
