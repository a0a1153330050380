"""`python -m automation.reference.picture`: draw a real deployment as docs/images/up.svg.

Deploys the example application into a new folder, in a terminal, and destroys it again.
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from automation.holder import owner
from automation.home import PROJECT
from components.contract.files import replace
from components.contract.outputs import HOME_VARIABLE

PICTURE: Final = PROJECT / "docs" / "images" / "up.svg"
PERSON: Final = "you@laptop"
WIDTH: Final = 118
SPINNER: Final = re.compile(r"\x1b\[\?25[lh]|\x1b\[\d*A|\x1b\[2K")


def main() -> None:
    """Deploy, draw, destroy."""
    with tempfile.TemporaryDirectory(prefix="slipway-picture-") as folder:
        os.environ[HOME_VARIABLE] = str(Path(folder).resolve())
        try:
            printed = in_terminal(["./slipway", "up", "development"])
        finally:
            command = ["./slipway", "destroy", "development", "--yes"]
            subprocess.run(command, cwd=PROJECT, check=False)
    places = {os.environ[HOME_VARIABLE]: ".slipway", owner(): PERSON}
    replace(PICTURE, drawn(printed, places)).chmod(0o644)
    sys.stdout.write(f"wrote {PICTURE.relative_to(PROJECT)}\n")


def in_terminal(command: list[str]) -> str:
    """Run a command in a terminal of its own and return what it printed there."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(PROJECT)
        os.environ.update(TERM="xterm-256color", COLUMNS=str(WIDTH))
        os.execvp(command[0], command)
    printed = bytearray()
    while piece := _read(terminal):
        printed += piece
    _, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"the deployment did not succeed:\n{printed.decode()}")
    return printed.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how a terminal says on Linux that nobody writes any more
        return b""


def drawn(printed: str, places: dict[str, str]) -> str:
    """Return a picture of what was printed, each line as it was left in the end.

    `places` maps what tells of the machine to what is shown instead.
    """
    lines = [_left(line) for line in printed.replace("\r\n", "\n").split("\n")]
    kept = [line for line in lines if " …" not in line and not _spins(line)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(["$ ./slipway up development", *kept]).strip())
    for place, shown in places.items():
        text = text.replace(place, shown)
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    console.print(Text.from_ansi(text), soft_wrap=False)
    svg = console.export_svg(title="slipway", unique_id="up")
    # No font is fetched from anywhere: a picture in a repository stands for itself.
    return re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)


def _left(line: str) -> str:
    # What a spinner wrote over is gone.
    return SPINNER.sub("", re.split(r"\x1b\[2K|\r", line)[-1])


def _spins(line: str) -> bool:
    plain = Text.from_ansi(line).plain
    return bool(plain) and "\u2800" <= plain[0] <= "\u28ff"


if __name__ == "__main__":
    main()
