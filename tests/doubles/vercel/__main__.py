"""Run the fake in a process of its own: it prints its URL and token, and ends with SIGTERM."""

import argparse
import json
import signal
import sys
import threading

from tests.doubles.vercel.fake import TOKEN, FakeVercel


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", action="append", default=[], help="one that is there already")
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with FakeVercel() as fake:
        for name in given.project:
            fake.service.add_project({"name": name, "autoAssignCustomDomains": False})
        sys.stdout.write(json.dumps({"url": fake.url, "token": TOKEN}) + "\n")
        sys.stdout.flush()
        ended.wait()


main()
