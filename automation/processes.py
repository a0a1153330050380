"""Run a command as a group of its own: streamed, logged, bounded in time, killed as a whole."""

import contextlib
import math
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from automation import leftovers, sessions
from automation.errors import Interrupted, SlipwayError
from automation.lines import Lines
from automation.polling import SystemClock, wait_until

PASSED_ON = frozenset(
    """PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TERM XDG_CACHE_HOME XDG_CONFIG_HOME
    XDG_DATA_HOME SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE GIT_SSL_CAINFO
    NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy
    all_proxy GOPROXY GOSUMDB GONOSUMDB GONOPROXY GOPRIVATE GOMODCACHE GOCACHE GOPATH GOTMPDIR
    NETRC NPM_TOKEN""".split()  # noqa: SIM905 (a list of one name a line is no easier to read)
)
PREFIXES = ("PIP_", "UV_", "NPM_CONFIG_", "npm_config_", "YARN_", "LC_")
GRACE_SECONDS = 5.0
GONE_SECONDS = 0.5
POLL_SECONDS = 0.1


class TimedOut(SlipwayError):
    """A command did not end in the time that it was given."""


@dataclass(frozen=True)
class Finished:
    """How a command ended. `tail` holds its last lines, `seconds` its wall-clock time."""

    code: int
    tail: tuple[str, ...]
    seconds: float


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a build may see of this process's environment, and `extra` over it.

    Paths, locale, proxies, certificates and registries; nothing that an application or a cloud
    would call a secret.
    """
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in PASSED_ON or name.startswith(PREFIXES)
    }
    return {**passed, **leftovers.carried(), **(extra or {})}


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    timeout: float = math.inf,
    cancelled: threading.Event | None = None,
    keep: int = 15,
    grace: float = GRACE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Finished:
    """Run to the end, appending output to `log`, and return how it ended.

    Raise Interrupted when `cancelled` is set and TimedOut after `timeout` seconds, each after
    every process of the command's group is gone; they get `grace` seconds to end by themselves.
    Raise OSError when it cannot start.
    """
    began, name = clock(), Path(command[0]).name
    process: subprocess.Popen[bytes] | None = None
    lines = Lines(log, on_line, keep)
    try:
        with sessions.starting():
            process = _started(command, cwd, env)
        with sessions.under_way(process.pid, signal.SIGTERM):
            for chunk in _output(process):
                lines.feed(chunk)
                if cancelled is not None and cancelled.is_set():
                    raise Interrupted(f"{name} was stopped")
                if clock() - began > timeout:
                    raise TimedOut(f"{name} took longer than {timeout:.0f} s")
    finally:
        if process is not None:
            _end(process, grace)
        lines.close()
    return Finished(process.returncode, tuple(lines.tail), clock() - began)


def _started(
    command: Sequence[str], cwd: Path, env: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _output(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """Yield what is written, and an empty chunk every so often, until the command has ended."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    os.set_blocking(descriptor, False)
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            # Asked before reading: what was written before the end is then read for sure.
            ended = process.poll() is not None
            readable = bool(selector.select(0 if ended else POLL_SECONDS))
            chunk = os.read(descriptor, 65536) if readable else b""
            yield chunk
            if readable and not chunk:
                break
            if ended and not readable:
                return
    while process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECONDS)
        yield b""


def _end(process: "subprocess.Popen[bytes]", grace: float) -> None:
    """Leave no process of the group behind, politely first."""
    _signal(process, signal.SIGTERM)
    if process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    _signal(process, signal.SIGKILL)
    process.wait()
    clock = SystemClock()
    # Bounded: where nobody reaps orphans, a dead one stays listed for ever.
    wait_until(
        lambda: _is_gone(process),
        accept=bool,
        deadline=clock.time() + GONE_SECONDS,
        clock=clock,
        every=0.01,
    )
    if process.stdout is not None:
        process.stdout.close()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _is_gone(process: "subprocess.Popen[bytes]") -> bool:
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return True
    return False
