"""Read the configuration of the stack: the only place that knows `pulumi.Config`."""

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pulumi

from components.contract import handing_over, outputs
from components.contract.desired import DesiredState
from components.contract.names import SECRETS
from components.contract.settings import Settings
from components.contract.settings_file import settings_from

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Inputs:
    """All that the program starts from.

    `run` is the folder of the platforms that run on this machine. `given` maps the names of the
    secrets that the operator set to their values, as secret outputs. `kept` is what the stack
    remembers of its secrets, by the keys of `secret_versions`.
    """

    environment: str
    settings: Settings
    state: pulumi.Output[DesiredState]
    home: Path
    given: dict[str, pulumi.Output[str]]
    kept: pulumi.Output[dict[str, str]] = field(default_factory=lambda: _remembered(None))

    @property
    def run(self) -> Path:
        """Return the environment's folder under Slipway's home."""
        return self.home / self.environment


def load() -> Inputs:
    """Read configuration, environment and the state to declare. Raise ValueError for bad keys."""
    stack, project = pulumi.get_stack(), pulumi.get_project()
    configured = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    prefix = f"{project}:"
    plain = {key.removeprefix(prefix): v for key, v in configured.items() if key.startswith(prefix)}
    names = [key.split(":", 1)[1] for key in configured if key.startswith(f"{SECRETS}:")]
    given = pulumi.Config(SECRETS)
    itself = _itself(project, stack)
    return Inputs(
        environment=stack,
        settings=settings_from(plain, f"Pulumi.{stack}.yaml"),
        state=_state(itself),
        home=Path(os.environ.get(outputs.HOME_VARIABLE) or ROOT / ".slipway").resolve(),
        given={name: given.require_secret(name) for name in names},
        kept=_remembered(itself.get_output(outputs.SECRETS)),
    )


def _itself(project: str, stack: str) -> pulumi.StackReference:
    # Declared in either case: whether a driver is at work must not show in the state.
    organization = pulumi.get_organization() or "organization"
    return pulumi.StackReference("itself", stack_name=f"{organization}/{project}/{stack}")


def _state(itself: pulumi.StackReference) -> pulumi.Output[DesiredState]:
    file = os.environ.get(outputs.DESIRED_STATE_VARIABLE)
    if file:
        stream = Path(file).open("rb")  # noqa: SIM115 - closed with the program
        come = handing_over.come(stream)
        return pulumi.Output.from_input(handing_over.read(stream) if come else _awaited(stream))
    # Run by hand: declare again what is live, as the stack itself remembers it.
    return itself.get_output(outputs.STATE).apply(
        lambda value: DesiredState.model_validate(value or {})
    )


async def _awaited(stream: IO[bytes]) -> DesiredState:
    # Beside the program, which declares meanwhile whatever does not depend on the state.
    await asyncio.to_thread(handing_over.wait, stream)
    return handing_over.read(stream)


def _remembered(value: pulumi.Input[dict[str, str] | None]) -> pulumi.Output[dict[str, str]]:
    return pulumi.Output.secret(value).apply(lambda known: known or {})
