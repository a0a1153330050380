"""Changes to one stack, through the Automation API: its only importer."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from pulumi import automation as auto
from pulumi.automation._stack import StackInitMode

from automation.engine import lock
from automation.engine.command import ShieldedCommand
from automation.engine.desired_file import DesiredFile
from automation.engine.environment import QUICK, EngineEnvironment
from automation.engine.errors import refusals, translated
from automation.engine.update import OnLine, Update
from automation.home import PROJECT
from components.contract import outputs
from components.contract.desired import DesiredState
from components.contract.names import SECRETS

Shield = Callable[[], AbstractContextManager[None]]
"""Entered for every change: an interrupt waits until it is complete."""


class EngineStack:
    """What `Engine` does by way of the SDK."""

    def __init__(self, environment: EngineEnvironment, shield: Shield) -> None:
        self._environment, self._shield = environment, shield
        self._name = environment.stack
        self._command = ShieldedCommand(environment.command)
        self._workspace: auto.LocalWorkspace | None = None

    def up(
        self,
        desired: DesiredState,
        *,
        message: str,
        refresh: bool = True,
        on_line: OnLine | None = None,
    ) -> Update:
        """Make a desired state real. Raise EngineFailed with what the engine said."""
        update = Update(on_line=on_line)
        with self._shield(), translated(update), self._stack(desired) as stack:
            self._unlocked(
                lambda: stack.up(
                    message=message,
                    refresh=refresh,
                    show_secrets=False,
                    color="never",
                    suppress_outputs=True,
                    on_event=update,
                    config_file=str(self._environment.config_file),
                )
            )
        return update

    def preview(
        self, desired: DesiredState, *, refresh: bool = False, on_line: OnLine | None = None
    ) -> Update:
        """Say what making a desired state real would change.

        Raise Blocked where the engine refuses to replace or delete what is protected.
        """
        update = Update(on_line=on_line)
        with refusals(update, self._name), translated(update), self._stack(desired) as stack:
            stack.preview(
                refresh=refresh,
                color="never",
                suppress_outputs=True,
                on_event=update,
                config_file=str(self._environment.config_file),
            )
        return update

    def destroy(self, *, on_line: OnLine | None = None) -> Update:
        """Remove everything that the stack declares, then the stack."""
        update = Update(on_line=on_line)
        with self._shield(), translated(update), self._stack(DesiredState()) as stack:
            self._unlocked(
                lambda: stack.destroy(
                    show_secrets=False,
                    color="never",
                    on_event=update,
                    config_file=str(self._environment.config_file),
                )
            )
            self._workspace_here().remove_stack(self._name, force=True, preserve_config=True)
        self._environment.forget()
        return update

    @contextlib.contextmanager
    def borrowed(self, unless: Callable[[], bool]) -> Iterator[None]:
        """Have a stack for as long as the block lasts, where there is none."""
        made = self.create()
        try:
            yield
        finally:
            if made and not unless():
                # One that somebody deploys to meanwhile has resources, and is not removed.
                with contextlib.suppress(auto.CommandError):
                    self._workspace_here().remove_stack(self._name, preserve_config=True)

    def create(self) -> bool:
        """Make the stack where it does not exist yet; the checked-in files stay as they are.

        Return whether there was none.
        """
        with tempfile.TemporaryDirectory(prefix="slipway-") as scratch:
            folder = Path(scratch)
            (folder / "Pulumi.yaml").write_text("name: slipway\nruntime: python\n")
            variables = self._environment.variables()
            variables.pop("PULUMI_OPTION_CONFIG_FILE", None)
            file, made = folder / f"Pulumi.{self._name}.yaml", False
            self._environment.give_salt(file)
            with translated(), contextlib.suppress(auto.StackAlreadyExistsError):
                arguments = ["stack", "init", self._name, "--no-select"]
                if self._environment.provider:
                    arguments += ["--secrets-provider", self._environment.provider]
                self._command.run(arguments, scratch, variables)
                made = True
            self._environment.keep_salt(file)
        return made

    def keep_secret(self, name: str, value: str) -> None:
        """Encrypt a secret into the configuration of this installation."""
        arguments = ["config", "set", "--secret", f"{SECRETS}:{name}", "--stack", self._name]
        # Into a copy: the engine writes in place, and there is nothing to restore secrets from.
        with translated(), self._environment.changing() as file:
            arguments += ["--config-file", str(file)]
            self._command.run(
                arguments, str(PROJECT), self._environment.variables(), text=f"{value}\n"
            )

    def _unlocked(self, change: Callable[[], object]) -> None:
        """Make a change, again where a lock of the engine was in its way whose holder is dead."""
        try:
            change()
        except auto.ConcurrentUpdateError as error:
            if not lock.released(self._environment, str(error)):
                raise
            change()

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
        if self._environment.backend is not None:
            lock.remove_stale(self._environment.backend, self._name)
        with contextlib.closing(DesiredFile(self._environment.folder)) as file:
            file.give(desired)
            variables = self._environment.variables()
            workspace.env_vars = {
                **variables,
                outputs.DESIRED_STATE_VARIABLE: file.name,
                "PYTHONPATH": os.pathsep.join(filter(None, (QUICK, os.environ.get("PYTHONPATH")))),
            }
            yield _SelectedStack(self._name, workspace)


class _SelectedStack(auto.Stack):
    """A stack that every command names, so that none has to be selected beforehand."""

    def __init__(self, name: str, workspace: auto.LocalWorkspace) -> None:
        self.name = name
        self.workspace = workspace
        self._mode = StackInitMode.SELECT

    def outputs(self) -> auto.OutputMap:
        """Return nothing: `Engine.outputs` asks once, for those that are wanted."""
        return {}

    def info(self, show_secrets: bool = False) -> auto.UpdateSummary | None:
        """Return a summary without asking the engine's history: its exit code said the result."""
        now = datetime.now(UTC)
        return auto.UpdateSummary("update", now, "", {}, {}, "succeeded", end_time=now)
