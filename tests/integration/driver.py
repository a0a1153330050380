"""The command line as a person runs it: a subprocess with a home of its own."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

from automation.home import PROJECT
from automation.polling import SystemClock, wait_until
from components.contract.outputs import HOME_VARIABLE, RUN_MARK
from components.dynamic import supervision

TIMEOUT_SECONDS = 900
PATIENCE_SECONDS = 60
NOT_PASSED_ON = ("PULUMI_", "SLIPWAY_", "PYTEST_", "COV_")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    arguments: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Return the JSON document on stdout."""
        return json.loads(self.stdout)

    def ok(self, code: int = 0) -> "Ran":
        """Return this, having seen that it ended with a code."""
        assert self.code == code, f"ended with {self.code}, not {code}\n{self}"
        return self

    def __str__(self) -> str:
        return (
            f"{' '.join(self.arguments)}: {self.code}\n{self.stdout[-4000:]}\n{self.stderr[-6000:]}"
        )


@dataclass
class Slipway:
    """One installation: `folder/home` is its SLIPWAY_HOME, `checkout` the project it runs from.

    `checkout` may be a changed copy of the project, for what stands in its own files.
    """

    folder: Path
    checkout: Path = PROJECT
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """Return what SLIPWAY_HOME is set to."""
        return self.folder / "home"

    def __call__(self, *arguments: str | Path, timeout: float = TIMEOUT_SECONDS) -> Ran:
        """Run a command to its end."""
        return self._ended(self.start(*arguments), tuple(map(str, arguments)), timeout)

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Start a command, to be interrupted or run beside another; end it with `end`."""
        return self._popen([sys.executable, "-m", "automation", *map(str, arguments)], {})

    def told(self, text: str, *arguments: str) -> Ran:
        """Run a command to its end that reads a text from its standard input."""
        with tempfile.TemporaryFile("w+") as stdin:
            stdin.write(text)
            stdin.seek(0)
            command = [sys.executable, "-m", "automation", *arguments]
            return self._ended(self._popen(command, {}, stdin), arguments, TIMEOUT_SECONDS)

    def end(self, process: "subprocess.Popen[str]", number: int | None = None) -> Ran:
        """Wait for a started command, after sending it a signal where one is given."""
        if number is not None:
            process.send_signal(number)
        return self._ended(process, ("...",), TIMEOUT_SECONDS)

    def pulumi(self, environment: str, *arguments: str) -> Ran:
        """Run the engine's own command, as a person does after `slipway env`."""
        variables = self("env", environment, "--json").ok().json
        process = self._popen(["pulumi", *arguments], variables)
        return self._ended(process, ("pulumi", *arguments), TIMEOUT_SECONDS)

    def outputs(self, environment: str, *, secrets: bool = False) -> dict[str, Any]:
        """Return the stack's outputs."""
        shown = ["--show-secrets"] if secrets else []
        found = self.pulumi(environment, "stack", "output", "--json", "-s", environment, *shown)
        return dict(found.ok().json)

    def run_folder(self, environment: str) -> Path:
        """Return the folder whose supervisor keeps an environment's processes alive."""
        return self.home / environment / "run"

    def programs(self, environment: str) -> dict[str, int]:
        """Return the process id of every supervised program by name; 0 where none runs."""
        infos = supervision.connect(self.run_folder(environment)).getAllProcessInfo()
        return {info["name"]: info["pid"] for info in infos}

    def processes(self) -> list[psutil.Process]:
        """Return every process that this installation started and that still runs."""
        return [process for process in psutil.process_iter() if _belongs(process, self.home)]

    def environments(self) -> list[str]:
        """Return the environments that were deployed and not destroyed."""
        stacks = self.home / "state" / ".pulumi" / "stacks" / "slipway"
        return sorted(file.stem for file in stacks.glob("*.json"))

    def close(self) -> None:
        """Destroy every environment, and see that nothing is left of any."""
        ports = listening(self.processes())
        try:
            for environment in self.environments():
                self("destroy", environment, "--yes", *_by_name(environment)).ok()
            assert self.leftovers(ports) == []
        finally:
            for process in self.processes():  # the machine is not ours alone
                with contextlib.suppress(psutil.Error):
                    process.kill()
            shutil.rmtree(self.folder, ignore_errors=True)

    def leftovers(self, ports: set[int]) -> list[str]:
        """Return what is still there of an installation that was destroyed; wait a little."""
        clock = SystemClock()

        def left() -> list[str]:
            processes = [f"{p.pid} {_told(p)}" for p in self.processes()]
            taken = [f"port {port}" for port in sorted(ports & listening(psutil.process_iter()))]
            sockets = [
                str(supervision.socket_path(self.run_folder(name)))
                for name in ("development", "staging", "production")
                if supervision.socket_path(self.run_folder(name)).exists()
            ]
            return [*processes, *taken, *sockets]

        return wait_until(
            left,
            accept=lambda found: not found,
            deadline=clock.time() + PATIENCE_SECONDS,
            clock=clock,
        )

    def _popen(
        self, command: list[str], more: Mapping[str, str], stdin: IO[str] | None = None
    ) -> "subprocess.Popen[str]":
        kept = {k: v for k, v in os.environ.items() if not k.startswith(NOT_PASSED_ON)}
        # The engine's own logs stay out of the folder of whoever runs the tests.
        own = {HOME_VARIABLE: str(self.home), "PULUMI_HOME": str(self.folder / "pulumi")}
        environment = {**kept, **own, **self.variables, **more}
        if shutil.which(command[0], path=environment["PATH"]) is None:
            raise FileNotFoundError(command[0])
        return subprocess.Popen(
            [str(shutil.which(command[0], path=environment["PATH"])), *command[1:]],
            cwd=self.checkout,
            env=environment,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _ended(
        self, process: "subprocess.Popen[str]", arguments: tuple[str, ...], timeout: float
    ) -> Ran:
        try:
            out, err = process.communicate(timeout=timeout)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        return Ran(arguments, process.returncode, out, err)


@contextlib.contextmanager
def installation(checkout: Path = PROJECT) -> Iterator[Slipway]:
    """Give an installation in a short path (Unix sockets have short names), and remove it."""
    slipway = Slipway(Path(tempfile.mkdtemp(prefix="sw-", dir="/tmp")).resolve(), checkout)
    try:
        yield slipway
    finally:
        slipway.close()


def copy_of(application: Path, to: Path, *, message: str = "The application") -> Path:
    """Copy an application without what was built, into a repository of its own."""
    built = shutil.ignore_patterns("node_modules", ".next", ".venv", "__pycache__", ".git")
    shutil.copytree(application, to, ignore=built)
    git(to, "init", "--quiet")
    commit(to, message)
    return to


def commit(folder: Path, message: str) -> str:
    """Commit everything and return the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular and return what it printed."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def eventually(
    look: Callable[[], Any],
    accept: Callable[[Any], bool] = bool,
    *,
    what: str,
    seconds: float = PATIENCE_SECONDS,
) -> Any:
    """Return what is seen once it is acceptable; fail with what was seen last."""
    clock = SystemClock()
    seen = wait_until(look, accept=accept, deadline=clock.time() + seconds, clock=clock, every=0.2)
    assert accept(seen), f"{what}: not within {seconds:.0f} s; seen last: {seen!r}"
    return seen


def listening(processes: Any) -> set[int]:
    """Return the TCP ports that processes listen on."""
    ports = set()
    for process in processes:
        with contextlib.suppress(psutil.Error):
            ports |= {
                connection.laddr.port
                for connection in process.net_connections(kind="tcp")
                if connection.status == psutil.CONN_LISTEN
            }
    return ports


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
    except (psutil.Error, OSError):
        return False
    run = environment.get(RUN_MARK, "")
    return environment.get(HOME_VARIABLE) == str(home) or run.startswith(f"{home}/")


def _told(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return "?"


def _by_name(environment: str) -> tuple[str, ...]:
    return ("--yes-destroy-production", environment) if environment == "production" else ()
