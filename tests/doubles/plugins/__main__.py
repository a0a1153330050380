"""Look into a cloud's folder, and change it, by hand: `python -m tests.doubles.plugins FOLDER`."""

import argparse
import json
import sys
from pathlib import Path

from tests.doubles.plugins.fixture import Plugins


def main() -> None:
    """Do what the command line says; FOLDER is the one that holds `state` and `bin`."""
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.plugins")
    parser.add_argument("folder", type=Path)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("install", help="write the programs for PATH into FOLDER/bin")
    verbs.add_parser("calls", help="list every call")
    listing = verbs.add_parser("list", help="list what exists")
    listing.add_argument("type", nargs="?", default="*")
    for verb in ("show", "delete", "set"):
        one = verbs.add_parser(verb)
        one.add_argument("type")
        one.add_argument("name")
        if verb == "set":
            one.add_argument("path", help="dotted, as spec.replicas")
            one.add_argument("value", help="JSON; null takes the property away")
    given = parser.parse_args()
    plugins = Plugins.at(given.folder)
    for line in _lines(plugins, given):
        sys.stdout.write(f"{line}\n")


def _lines(plugins: Plugins, given: argparse.Namespace) -> list[str]:
    if given.verb == "install":
        return [f"export PATH={plugins.bin}:$PATH SLIPWAY_DOUBLES={plugins.state}"]
    if given.verb == "calls":
        both = plugins.calls(preview=None)
        return [f"{each.n} {each}{' (preview)' * each.preview}: {each.outcome}" for each in both]
    if given.verb == "list":
        return [f"{each.type} {each.name} {each.id}" for each in plugins.objects(given.type)]
    thing = plugins.object(given.type, given.name)
    if given.verb == "show":
        return [json.dumps(thing.outputs, indent=2, sort_keys=True)]
    if given.verb == "delete":
        plugins.delete(thing)
        return [f"deleted {thing.id}"]
    changed = plugins.change(thing, {given.path: json.loads(given.value)})
    return [f"changed {changed.id}"]


if __name__ == "__main__":
    main()
