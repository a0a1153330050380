"""What a test holds: the plugins on PATH, the clouds' memory, and the means to make trouble."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.plugins.cloud import CHANGES, ERRORS, VARIABLE, Call, Cloud, Fault, Object, When
from tests.doubles.plugins.programs import install


@dataclass(frozen=True)
class Plugins:
    """Doubles of provider plugins. Nothing of it runs but while an engine does."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "Plugins":
        """Make the programs that the engine looks for on PATH, and an empty cloud."""
        found = cls(folder)
        install(found.bin)
        found.state.mkdir(exist_ok=True)
        return found

    @property
    def bin(self) -> Path:
        """Return the folder that goes first on PATH."""
        return self.folder / "bin"

    @property
    def state(self) -> Path:
        """Return the folder of what exists. It holds secrets as plain text, as clouds do."""
        return self.folder / "state"

    @property
    def cloud(self) -> Cloud:
        """Return the clouds' memory."""
        return Cloud(self.state)

    def environment(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return environment variables with which the engine finds the plugins."""
        path = os.pathsep.join((str(self.bin), base.get("PATH", "")))
        kept = {k: v for k, v in base.items() if k != "PULUMI_IGNORE_AMBIENT_PLUGINS"}
        wanted = {
            "PATH": path,
            VARIABLE: str(self.state),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        return {**kept, **wanted}

    def calls(
        self,
        method: str = "*",
        type: str = "*",  # noqa: A002
        name: str = "*",
        *,
        preview: bool | None = False,
    ) -> list[Call]:
        """List calls in the order in which they ended; `preview=None` lists both sorts."""
        sought = Fault(method=method, type=type, name=name)
        return [
            each
            for each in self.cloud.calls()
            if replace(sought, preview=each.preview if preview is None else preview).matches(each)
        ]

    def changes(self) -> list[str]:
        """List what was made, changed and deleted, as `Create aws:ec2/vpc:Vpc net-vpc`."""
        return [str(each) for each in self.calls() if each.method in CHANGES and each.ok]

    def objects(self, type: str = "*", name: str = "*") -> list[Object]:  # noqa: A002
        """List what exists."""
        return self.cloud.objects(type, name)

    def object(self, type: str, name: str = "*") -> Object:  # noqa: A002
        """Return the one thing that matches."""
        found = self.objects(type, name)
        assert len(found) == 1, f"{type} {name}: {[(each.type, each.name) for each in found]}"
        return found[0]

    def change(self, thing: Object, changes: Mapping[str, Any]) -> Object:
        """Change a thing behind the engine's back; a value of None takes the property away."""
        with self.cloud.alone():
            live = self.cloud.get(thing.provider, thing.type, thing.id, thing.scope)
            assert live, f"{thing.type} {thing.id} is gone"
            inputs, outputs = live.inputs, live.outputs
            for path, value in changes.items():
                outputs = _set(outputs, path.split("."), value)
                if _has(inputs, path.split("."), exactly=live.provider == "kubernetes"):
                    inputs = _set(inputs, path.split("."), value)
            live = replace(live, inputs=inputs, outputs=outputs)
            self.cloud.put(live)
        return live

    def delete(self, thing: Object) -> None:
        """Delete a thing behind the engine's back."""
        self.cloud.remove(thing)

    def exists(
        self,
        type: str,  # noqa: A002
        outputs: Mapping[str, Any],
        *,
        id: str,  # noqa: A002
        name: str = "",
        scope: str = "",
    ) -> Object:
        """Let something exist that no deployment made, to be looked up and referred to."""
        provider = type.partition(":")[0]
        thing = Object(
            provider, type, id, scope, name, inputs=dict(outputs), outputs={**outputs, "id": id}
        )
        self.cloud.put(thing)
        return thing

    def fail(
        self,
        method: str = "*",
        type: str = "*",  # noqa: A002
        name: str = "*",
        *,
        nth: int = 1,
        times: int | None = 1,
        error: str = "throttle",
        when: When = "before",
        seconds: float = 0.0,
        preview: bool = False,
    ) -> None:
        """Let the nth matching call from now on go wrong, and `times`-1 after it.

        `before`: nothing was changed. `after`: it was, and the provider reports it with an error,
        as when waiting for readiness times out. `lost`: it was, and the engine learns only of the
        error. `die`, `die_after`: the plugin ends. `slow`: it works, after so many seconds.
        """
        message = ERRORS.get(error, error)
        self.cloud.arm(Fault(method, type, name, preview, nth - 1, times, message, when, seconds))

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.cloud.heal()

    def answer(self, type: str, name: str = "*", **outputs: Any) -> None:  # noqa: A002
        """Settle computed outputs, such as the address of a load balancer that a test serves."""
        self.cloud.answer(type, name, outputs)

    def forget(self) -> None:
        """Empty the log of calls."""
        self.cloud.forget()


def _set(value: Any, path: list[str], new: Any) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        index = int(step)
        return [
            (_set(each, rest, new) if rest else new) if at == index else each
            for at, each in enumerate(value)
        ]
    kept = dict(value or {})
    if rest:
        kept[step] = _set(kept.get(step), rest, new)
    elif new is None:
        kept.pop(step, None)
    else:
        kept[step] = new
    return kept


def _has(value: Any, path: list[str], *, exactly: bool) -> bool:
    for step in path if exactly or len(path) == 1 else path[:-1]:
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        if value is None:
            return False
    return True


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    """Doubles of this test alone."""
    return Plugins.at(tmp_path / "cloud")
