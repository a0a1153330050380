"""Processes that a supervisor keeps alive."""

import json
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic
from pulumi.runtime import rpc

from components.dynamic import groups, programs, supervision
from components.dynamic.programs import Program


class ProcessesProvider(dynamic.ResourceProvider):
    """Starts, replaces and stops the programs of one group, each on its own."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Start every program and see it stay up; leave nothing behind where one does not."""
        run, declared = Path(props["run"]), _programs(props)
        groups.apply(run, props["group"], {}, declared)
        return dynamic.CreateResult(f"{run}#{props['group']}", _outputs(props, declared))

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """A program that was added, removed, changed or is seen not to run is a change."""
        keys = [key for key in ("run", "group") if new[key] != rpc.UNKNOWN]
        moved = [key for key in keys if old.get(key) != new[key]]
        differs = old.get("programs") != new["programs"]
        changed = differs or bool(old.get("stopped") or old.get("stray"))
        return dynamic.DiffResult(
            changes=changed or bool(moved),
            replaces=moved,
            # another group's programs may have the same names
            delete_before_replace=True,
        )

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Touch only the programs that differ; the others keep running."""
        before, after = _programs(old), _programs(new)
        for name in old.get("stopped") or []:
            before.pop(name, None)
        groups.apply(Path(new["run"]), new["group"], before, after)
        return dynamic.UpdateResult(_outputs(new, after))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See what runs: a group of which nothing runs is gone.

        `stopped` lists the programs that do not run as they are declared, `stray` those that no
        declaration knows of.
        """
        run, declared = Path(props["run"]), _programs(props)
        states, present = (
            supervision.process_states(run),
            programs.present(run, props["group"]),
        )
        stopped = [
            name
            for name, program in declared.items()
            if states.get(name) not in ("RUNNING", "STARTING")
            or present.get(name) != programs.fingerprint(program)
        ]
        if declared and len(stopped) == len(declared):
            return dynamic.ReadResult("", {})
        stray = sorted(name for name in present if name not in declared)
        return dynamic.ReadResult(id_, {**props, "stopped": stopped, "stray": stray})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Stop the programs and wait until they have ended."""
        run = Path(props["run"])
        groups.remove(run, {**_programs(props), **programs.present(run, props["group"])})


def _programs(props: dict[str, Any]) -> dict[str, Program]:
    # One secret string rather than a tree of values: nothing in it can be shown by accident.
    declared: dict[str, Program] = json.loads(props.get("programs") or "{}")
    return declared


def _outputs(props: dict[str, Any], declared: dict[str, Program]) -> dict[str, Any]:
    return {**props, "names": sorted(declared), "stopped": [], "stray": []}


class Processes(dynamic.Resource, module="local", name="Processes"):
    """A group of supervised programs. The definition is secret as a whole."""

    names: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        run: pulumi.Input[str],
        group: str,
        programs: pulumi.Input[dict[str, Program]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the programs by name; names, and groups, are unique within the run folder."""
        declared: pulumi.Output[dict[str, Program]] = pulumi.Output.from_input(programs)
        text: pulumi.Output[str] = declared.apply(lambda value: json.dumps(value, sort_keys=True))
        definition: pulumi.Output[str] = pulumi.Output.secret(text)
        inputs = {
            "run": run,
            "group": group,
            "programs": definition,
            **dict.fromkeys(("names", "stopped", "stray")),
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=["programs"])
        super().__init__(
            ProcessesProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, secret)
        )
