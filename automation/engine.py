"""The engine: the only importer of `pulumi.automation`. Its errors become ours here."""

import contextlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation import errors as auto_errors

from automation.engine_command import ShieldedCommand
from automation.engine_environment import EngineEnvironment
from automation.errors import Busy, EngineFailed, SlipwayError
from automation.home import PROJECT
from components.contract import outputs
from components.contract.desired import DesiredState

OnLine = Callable[[str], None]


@dataclass
class Update:
    """What an update or a preview did or would do, recorded while it ran.

    `changes` counts operations by name; `resources` lists those that differ as (operation, URN).
    """

    changes: dict[str, int] = field(default_factory=dict)
    resources: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    on_line: OnLine | None = None

    def __call__(self, event: auto.EngineEvent) -> None:
        """Record an event: never raise, never decide (it runs on a thread of the engine's)."""
        if (before := event.resource_pre_event) is not None:
            operation = str(getattr(before.metadata.op, "value", before.metadata.op))
            if operation not in ("same", "read", "refresh"):
                self.resources.append((operation, before.metadata.urn))
                if self.on_line is not None:
                    self.on_line(f"{operation} {before.metadata.urn.rsplit('::', 1)[-1]}")
        elif (note := event.diagnostic_event) is not None and note.severity == "error":
            self.problems.append(told(note.message))
        elif (summary := event.summary_event) is not None:
            counts = summary.resource_changes or {}
            self.changes = {str(getattr(k, "value", k)): v for k, v in counts.items()}

    @property
    def changed(self) -> bool:
        """Tell whether anything but outputs differed."""
        return any(n for operation, n in self.changes.items() if operation not in ("same", "read"))


class Engine:
    """Four verbs on one stack: what it holds, preview, up and destroy."""

    def __init__(self, environment: EngineEnvironment) -> None:
        self._environment = environment
        self._name = environment.stack
        self._command = ShieldedCommand(environment.command)
        self._workspace: auto.LocalWorkspace | None = None
        environment.prepare()

    def outputs(self, *, secrets: bool = False) -> dict[str, Any] | None:
        """Return the stack's outputs, or None where there is no stack.

        Secret outputs are absent unless asked for.
        """
        arguments = ["stack", "output", "--json", "--stack", self._name]
        if secrets:
            arguments.append("--show-secrets")
        variables = self._environment.variables()
        try:
            with _translated():
                result = self._command.run(arguments, str(PROJECT), variables)
        except StackMissing:
            return None
        found: dict[str, Any] = json.loads(result.stdout or "{}")
        return found if secrets else {k: v for k, v in found.items() if v != "[secret]"}

    def state(self) -> DesiredState:
        """Return what is declared now; an empty state where there is no stack."""
        return DesiredState.model_validate((self.outputs() or {}).get(outputs.STATE) or {})

    def up(self, desired: DesiredState, *, message: str, on_line: OnLine | None = None) -> Update:
        """Make a desired state real. Raise EngineFailed with what the engine said."""
        update = Update(on_line=on_line)
        with _translated(update), self._stack(desired) as stack:
            stack.up(
                message=message,
                refresh=True,
                show_secrets=False,
                color="never",
                suppress_outputs=True,
                on_event=update,
                config_file=str(self._environment.config_file),
            )
        return update

    def preview(self, desired: DesiredState, *, on_line: OnLine | None = None) -> Update:
        """Say what making a desired state real would change."""
        update = Update(on_line=on_line)
        with _translated(update), self._stack(desired) as stack:
            stack.preview(
                color="never",
                suppress_outputs=True,
                on_event=update,
                config_file=str(self._environment.config_file),
            )
        return update

    def destroy(self, *, on_line: OnLine | None = None) -> Update:
        """Remove everything that the stack declares, then the stack."""
        update = Update(on_line=on_line)
        with _translated(update), self._stack(DesiredState()) as stack:
            stack.destroy(
                show_secrets=False,
                color="never",
                on_event=update,
                config_file=str(self._environment.config_file),
            )
            self._workspace_here().remove_stack(self._name, force=True)
        self._environment.config_file.unlink(missing_ok=True)
        return update

    def create(self) -> None:
        """Make the stack where it does not exist yet; the checked-in files stay as they are."""
        with tempfile.TemporaryDirectory(prefix="slipway-") as scratch:
            folder = Path(scratch)
            (folder / "Pulumi.yaml").write_text("name: slipway\nruntime: python\n")
            variables = self._environment.variables()
            variables.pop("PULUMI_OPTION_CONFIG_FILE", None)
            with _translated(), contextlib.suppress(auto.StackAlreadyExistsError):
                arguments = ["stack", "init", self._name, "--no-select"]
                self._command.run(arguments, scratch, variables)
            self._environment.keep_salt(folder / f"Pulumi.{self._name}.yaml")

    def _workspace_here(self) -> auto.LocalWorkspace:
        if self._workspace is None:
            self._workspace = auto.LocalWorkspace(
                work_dir=str(PROJECT),
                pulumi_command=self._command,
                env_vars=self._environment.variables(),
            )
        return self._workspace

    @contextlib.contextmanager
    def _stack(self, desired: DesiredState) -> Iterator[auto.Stack]:
        workspace = self._workspace_here()
        with tempfile.NamedTemporaryFile(
            "w", dir=self._environment.folder, prefix="desired-", suffix=".json"
        ) as file:
            file.write(desired.model_dump_json())
            file.flush()
            workspace.env_vars[outputs.DESIRED_STATE_VARIABLE] = file.name
            yield _SelectedStack(self._name, workspace)


class _SelectedStack(auto.Stack):
    """A stack that every command names, so that none has to be selected beforehand."""

    def __init__(self, name: str, workspace: auto.LocalWorkspace) -> None:
        self.name = name
        self.workspace = workspace
        self._mode = None  # type: ignore[assignment]


class StackMissing(SlipwayError):
    """There is no such stack: nothing was ever deployed."""


@contextlib.contextmanager
def _translated(update: Update | None = None) -> Iterator[None]:
    try:
        yield
    except auto_errors.StackNotFoundError:
        raise StackMissing("there is no such stack") from None
    except auto_errors.ConcurrentUpdateError:
        raise Busy(
            "the engine's state is locked by another update",
            hint="If its process is gone, run `./slipway up` again: the lock of a dead process "
            "is released first.",
        ) from None
    except auto_errors.CommandError as error:
        told = update.problems if update and update.problems else [said(str(error))]
        raise EngineFailed("the engine did not succeed", details=tuple(told)) from None
    except RuntimeError as error:
        # preview raises this where the engine ended before it had anything to summarise
        raise EngineFailed(str(error), details=tuple(update.problems if update else ())) from None


def without_colour(text: str) -> str:
    """Remove the engine's colour marks and terminal sequences."""
    return re.sub(r"<\{%.*?%\}>|\x1b\[[0-9;]*m", "", text)


def told(message: str) -> str:
    """Reduce an error of a provider to what it says, without where in the code it was said."""
    lines = without_colour(message).strip().splitlines()
    if not any(line.startswith("Traceback (most recent") for line in lines):
        return "\n".join(lines)
    inside = [n for n, line in enumerate(lines) if line.startswith("  ")]
    frames = [n for n in inside if lines[n].lstrip().startswith("File ")]
    after = [n for n in range(frames[-1] if frames else 0, len(lines)) if not lines[n][:1].isspace()]
    telling = lines[after[0] :] if after else lines[-1:]
    return "\n".join(re.sub(r"^\w+(\.\w+)*(Error|Exception): ", "", line) for line in telling)


def said(text: str) -> str:
    """Reduce what the engine printed to the lines that say what went wrong."""
    lines = [line.strip() for line in without_colour(text).splitlines()]
    telling = [line for line in lines if "error" in line.lower()]
    return "\n".join(telling[-5:] or [line for line in lines if line][-5:])
