"""Make the project's virtual environment. Run by `./slipway` and `make`, before it exists.

Standard library only. Whatever goes wrong is said in a few lines on standard error; an
interrupted run leaves a mark, and the next one starts from scratch.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from automation.toolchain.registries import read_pip_settings, uv_settings
from components.contract import flock

ROOT = Path(__file__).resolve().parent.parent.parent
PLAIN = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"


class InstallFailed(Exception):
    """The virtual environment could not be made; the message says why and what to do."""


def say(line: str) -> None:
    """Tell a person what happens; standard output belongs to the command that follows."""
    sys.stderr.write(f"slipway: {line}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time hold this file; freed by a crash."""
    with path.open() as lock:
        if not flock.taken(lock.fileno()):
            say("another process installs the requirements; waiting for it")
            flock.wait(lock.fileno())
        yield


def is_current(venv: Path, requirements: str) -> bool:
    """Tell whether the environment was made here, from these very requirements."""
    stamp, made_at = venv / f".slipway-{requirements}", venv / ".slipway-root"
    return (
        os.access(venv / "bin" / "python", os.X_OK)
        and not (venv / ".slipway-incomplete").exists()
        and made_at.is_file()
        and made_at.read_text().strip() == str(ROOT)
        and stamp.is_file()
        and stamp.read_bytes() == _content(requirements)
    )


def install(venv: Path, requirements: str) -> None:
    """Bring the environment to the state that the requirements describe."""
    mark = venv / ".slipway-incomplete"
    made_at = venv / ".slipway-root"
    moved = made_at.is_file() and made_at.read_text().strip() != str(ROOT)
    if mark.exists() or moved or not _works(venv / "bin" / "python"):
        _create(venv)
    mark.touch()
    _install_packages(venv, requirements)
    (venv / f".slipway-{requirements}").write_bytes(_content(requirements))
    if requirements == DEVELOPMENT:
        (venv / f".slipway-{PLAIN}").write_bytes(_content(PLAIN))
    made_at.write_text(f"{ROOT}\n")
    mark.unlink()


def _content(requirements: str) -> bytes:
    names = (PLAIN, DEVELOPMENT) if requirements == DEVELOPMENT else (PLAIN,)
    return b"".join((ROOT / name).read_bytes() for name in names)


def _works(python: Path) -> bool:
    check = [str(python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(check, capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _create(venv: Path) -> None:
    say(f"making a virtual environment with Python {sys.version.split()[0]}")
    if venv.exists():
        shutil.rmtree(venv)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        last = (made.stdout + made.stderr).strip().splitlines()[-1:] or ["no output"]
        raise InstallFailed(
            f"{sys.executable} cannot make a virtual environment: {last[0]}\n"
            "  On Debian and Ubuntu: apt-get install python3-venv; then run this again."
        )


def _install_packages(venv: Path, requirements: str) -> None:
    python = str(venv / "bin" / "python")
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    wanted = re.search(r"^uv==\S+", (ROOT / PLAIN).read_text(), re.MULTILINE)
    say(f"installing {requirements}")
    pip = [python, "-m", "pip", "install", "--quiet"]
    if wanted and _succeeds([*pip, wanted.group()], environment):
        settings = uv_settings(read_pip_settings(python, environment), environment)
        # uv installs in half of pip's time, but knows fewer ways to reach an index.
        uv = [python, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode"]
        command = [*uv, "--python", python, "-r", str(ROOT / requirements)]
        if _succeeds(command, {**environment, **settings}):
            return
        say("uv did not succeed; trying pip")
    command = [*pip, "-r", str(ROOT / requirements)]
    if not _succeeds(command, environment):
        raise InstallFailed(
            f"pip could not install {requirements}; its message is above.\n"
            "  Check the network and the package index that pip is set up to use."
        )


def _succeeds(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, env=environment, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Install what is needed, `--dev` with what the tests need, and return an exit code."""
    requirements = DEVELOPMENT if "--dev" in arguments else PLAIN
    venv = ROOT / ".venv"
    began = time.monotonic()
    try:
        with locked(ROOT / PLAIN):
            if not is_current(venv, requirements):
                install(venv, requirements)
                say(f"installed in {time.monotonic() - began:.0f} s")
    except (InstallFailed, OSError) as problem:
        say(str(problem))
        return 3
    except KeyboardInterrupt:
        say("interrupted; the next run starts over")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
