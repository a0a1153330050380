"""`make cloud-faults`: a fault at each call of a plugin, and home from each."""

import argparse
import random
import sys
import traceback

from tests.integration.cloud_faults.matrix import WAYS
from tests.integration.cloud_faults.scene import NOT_STRUCK, first, scene

ENVIRONMENTS = ("staging", "production")


def main() -> int:
    """Do all of them, or a number of them, and print the count."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.cloud_faults")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", type=int, help="how many of a live one; all where unset")
    parser.add_argument("--start", type=int, default=1, help="go on with this number of a seed")
    parser.add_argument("--environment", choices=ENVIRONMENTS, help="both where unset")
    parser.add_argument("--match", default="", help="only those whose name contains this text")
    parser.add_argument("--first", action="store_true", help="those of a first deployment alone")
    parser.add_argument("--later", action="store_true", help="without those of a first deployment")
    given = parser.parse_args()
    lost = 0
    for environment in [given.environment] if given.environment else ENVIRONMENTS:
        lost += 0 if given.first else _deploying(environment, given)
        lost += 0 if given.later else _creating(environment)
    return 1 if lost else 0


def _deploying(environment: str, given: argparse.Namespace) -> int:
    lost = missed = 0
    with scene(environment) as place:
        listed = [each for each in place.recorded() if given.match in str(each)]
        random.Random(given.seed).shuffle(listed)
        chosen = listed[given.start - 1 :][: given.only]
        say(f"{environment}: {len(chosen)} of {len(listed)} faults, seed {given.seed}")
        for number, fault in enumerate(chosen, start=given.start):
            try:
                ended = place.suffer(fault)
                missed += ended == NOT_STRUCK
                say(f"{number:4} {'-' if ended == NOT_STRUCK else '✓'} {fault}: {ended}")
            except Exception:  # noqa: BLE001 - the others are to be tried as well
                lost += 1
                say(f"{number:4} × {fault}\n{traceback.format_exc()}")
    home = len(chosen) - lost - missed
    say(f"{environment}: {home} of {home + lost} faults got home; {missed} were not struck")
    return lost


def _creating(environment: str) -> int:
    lost = 0
    for when in WAYS:
        try:
            for told in first(environment, when):
                say(f"{environment}, a first deployment: {told}")
        except Exception:  # noqa: BLE001 - the others are to be tried as well
            say(f"{environment}: NOT HOME\n{traceback.format_exc()}")
            lost += 1
    return lost


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
