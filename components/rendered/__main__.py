"""Write the resources of an environment as JSON: `python -m components.rendered < request.json`.

The request has `environment`, `settings` (by attribute), `state` (a desired state) and `given`
(names of the operator's secrets). The answer has `resources` and `lookups`. No value of a secret
goes in, and none comes out.
"""

import gc
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks

from components.application import Application
from components.contract.desired import DesiredState
from components.contract.names import PROJECT
from components.contract.settings import Settings
from components.rendered.recording import Recorder, RecordingMonitor
from components.rendered.references import reference
from components.settings import Inputs

FAILED = 1


def rendered(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is declared for a request. Raise what declaring raises."""
    environment = request["environment"]
    inputs = Inputs(
        environment=environment,
        settings=Settings.model_validate(request["settings"]),
        state=pulumi.Output.from_input(DesiredState.model_validate(request["state"])),
        home=Path("/slipway"),
        given={name: pulumi.Output.secret(reference("secret", name)) for name in request["given"]},
    )
    recorder = Recorder()
    monitor = RecordingMonitor(recorder)
    # Not as a preview: there nothing is computed of what only a cloud knows.
    mocks.set_mocks(recorder, project=PROJECT, stack=environment, preview=False, monitor=monitor)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def declare() -> pulumi.Output[Any]:
        return pulumi.Output.all(**Application("application", inputs).outputs())

    declare()
    ordered = sorted(monitor.declared, key=lambda each: str(each["name"]))
    return {"resources": ordered, "lookups": recorder.lookups}


def main() -> int:
    """Answer the request on standard input and return an exit code."""
    gc.disable()  # as in the program: what the SDKs consist of stays to the end
    try:
        answer = rendered(json.load(sys.stdin))
    except (pulumi.RunError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
