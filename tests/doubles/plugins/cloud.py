"""The clouds' memory: a folder with every object, every call, and the faults to come.

The plugin processes write to it, tests read it, and change it behind the engine's back.
"""

import fcntl
import fnmatch
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

VARIABLE = "SLIPWAY_DOUBLES"
"""Names the folder, for the plugin processes that the engine starts."""

When = Literal["before", "after", "lost", "die", "die_after", "slow"]
CHANGES = ("Create", "Update", "Delete")
ERRORS = {
    "throttle": "ThrottlingException: Rate exceeded",
    "quota": "LimitExceededException: you have reached the quota of this account",
    "denied": "AccessDeniedException: not authorized to perform this operation",
    "timeout": "timeout while waiting for state to become 'available' (last state: 'pending')",
    "unavailable": "ServiceUnavailable: the service is temporarily unavailable",
}


@dataclass(frozen=True)
class Object:
    """One thing that exists; `scope` is the cluster, the region or the account that has it."""

    provider: str
    type: str
    id: str
    scope: str = ""
    name: str = ""
    urn: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)
    """What the cloud knows and does not tell, such as when it lets a name go."""

    @property
    def file(self) -> str:
        key = "\0".join((self.provider, self.scope, self.type, self.id))
        return f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.json"


@dataclass(frozen=True)
class Call:
    """One call of the engine. `outcome` is `ok`, or the error; values are never kept."""

    provider: str
    method: str
    type: str = ""
    name: str = ""
    urn: str = ""
    id: str = ""
    preview: bool = False
    outcome: str = "ok"
    time: float = 0.0
    """When it began, in seconds since the epoch."""
    seconds: float = 0.0
    pid: int = 0
    n: int = 0
    """Position in the log, from 1."""

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"

    def __str__(self) -> str:
        return f"{self.method} {self.type} {self.name}"


@dataclass(frozen=True)
class Fault:
    """What is to go wrong, in the `skip`+1st matching call and the `times`-1 after it."""

    method: str = "*"
    type: str = "*"
    name: str = "*"
    preview: bool = False
    skip: int = 0
    times: int | None = 1
    message: str = ERRORS["throttle"]
    when: When = "before"
    seconds: float = 0.0
    seen: int = 0

    def matches(self, call: Call) -> bool:
        return (
            call.preview == self.preview
            and fnmatch.fnmatchcase(call.method, self.method)
            and fnmatch.fnmatchcase(call.type, self.type)
            and fnmatch.fnmatchcase(call.name, self.name)
        )

    @property
    def strikes(self) -> bool:
        return self.skip <= self.seen and (self.times is None or self.seen < self.skip + self.times)


class Cloud:
    """The folder. Safe to use from several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._objects = folder / "objects"
        self._objects.mkdir(parents=True, exist_ok=True)
        self._thread = threading.RLock()
        self._depth = 0
        self._read: dict[str, tuple[tuple[int, int, int], Object]] = {}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process and thread out, so that looking and changing are one."""
        with self._thread:
            if self._depth:
                yield
                return
            with (self.folder / "lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1

    def objects(self, type: str = "*", name: str = "*", provider: str = "*") -> list[Object]:  # noqa: A002
        """List what exists, sorted by type, name and id; the arguments may be patterns."""
        with self._thread:
            found = [self._load(path) for path in self._objects.glob("*.json")]
        kept = [
            each
            for each in found
            if each
            and fnmatch.fnmatchcase(each.type, type)
            and fnmatch.fnmatchcase(each.name, name)
            and fnmatch.fnmatchcase(each.provider, provider)
        ]
        return sorted(kept, key=lambda each: (each.type, each.name, each.id))

    def _load(self, path: Path) -> Object | None:
        try:
            stat = path.stat()
            key = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            kept = self._read.get(path.name)
            if not kept or kept[0] != key:
                kept = self._read[path.name] = (key, Object(**json.loads(path.read_text())))
        except FileNotFoundError:
            return None
        return kept[1]

    def get(self, provider: str, type: str, id: str, scope: str = "") -> Object | None:  # noqa: A002
        """Return what has this id; None where nothing has."""
        sought = Object(provider, type, id, scope)
        with self._thread:
            return self._load(self._objects / sought.file)

    def put(self, made: Object) -> None:
        """Keep a thing, in place of the one with its id."""
        path = self._objects / made.file
        fresh = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        fresh.write_text(json.dumps(asdict(made), indent=1, sort_keys=True))
        fresh.replace(path)

    def remove(self, gone: Object) -> None:
        """Forget a thing; without an error where there is none."""
        (self._objects / gone.file).unlink(missing_ok=True)

    def log(self, call: Call) -> None:
        """Append a call."""
        line = json.dumps({k: v for k, v in asdict(call).items() if k != "n"})
        with self.alone(), (self.folder / "calls.jsonl").open("a") as file:
            file.write(f"{line}\n")

    def calls(self) -> list[Call]:
        """Return every call, in the order in which they ended."""
        path = self.folder / "calls.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [Call(**json.loads(line), n=n) for n, line in enumerate(lines, start=1)]

    def forget(self) -> None:
        """Empty the log of calls."""
        (self.folder / "calls.jsonl").unlink(missing_ok=True)

    def arm(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        with self.alone():
            self._save("faults.json", [*self._load_list("faults.json"), asdict(fault)])

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        with self.alone():
            (self.folder / "faults.json").unlink(missing_ok=True)

    def fault(self, call: Call) -> Fault | None:
        """Count a call, and return what is to go wrong with it."""
        if not (self.folder / "faults.json").exists():
            return None
        with self.alone():
            faults = [Fault(**each) for each in self._load_list("faults.json")]
            hit = next((each for each in faults if each.matches(call) and each.strikes), None)
            counted = [replace(f, seen=f.seen + 1) if f.matches(call) else f for f in faults]
            self._save("faults.json", [asdict(each) for each in counted])
        return hit

    def answer(self, type: str, name: str, outputs: dict[str, Any]) -> None:  # noqa: A002
        """Settle outputs of things that match, made already or still to come."""
        with self.alone():
            entry = {"type": type, "name": name, "outputs": outputs}
            self._save("answers.json", [*self._load_list("answers.json"), entry])
            for each in self.objects(type, name):
                self.put(replace(each, outputs={**each.outputs, **outputs}))

    def answers(self, type: str, name: str) -> dict[str, Any]:  # noqa: A002
        """Return the outputs that a test settled for a thing."""
        settled: dict[str, Any] = {}
        for each in self._load_list("answers.json"):
            if fnmatch.fnmatchcase(type, each["type"]) and fnmatch.fnmatchcase(name, each["name"]):
                settled.update(each["outputs"])
        return settled

    def note(self, name: str, value: Any) -> None:
        """Keep a setting that a test chose."""
        with self.alone():
            self._save(f"{name}.json", [value])

    def noted(self, name: str, default: Any = None) -> Any:
        """Return a setting that a test chose."""
        return next(iter(self._load_list(f"{name}.json")), default)

    def _load_list(self, name: str) -> list[Any]:
        path = self.folder / name
        content: list[Any] = json.loads(path.read_text()) if path.exists() else []
        return content

    def _save(self, name: str, content: list[Any]) -> None:
        fresh = self.folder / f"{name}.{os.getpid()}"
        fresh.write_text(json.dumps(content, indent=1))
        fresh.replace(self.folder / name)


def now() -> float:
    """Return the time that the log is kept in."""
    return time.time()
