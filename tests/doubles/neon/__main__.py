"""Run the fake in a process of its own: it prints its URL and key, and ends with SIGTERM."""

import argparse
import json
import signal
import sys
import threading

from tests.doubles.neon.fake import KEY, FakeNeon


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--seconds", type=float, default=0.1, help="how long an operation takes")
    parser.add_argument("--branch-limit", type=int, default=10)
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with FakeNeon(key=given.key, seconds=given.seconds, branch_limit=given.branch_limit) as fake:
        sys.stdout.write(json.dumps({"url": fake.url, "key": fake.key}) + "\n")
        sys.stdout.flush()
        ended.wait()


main()
