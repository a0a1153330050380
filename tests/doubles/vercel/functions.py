"""Functions of a prebuilt folder, each run by Node with the launcher that the builder made."""

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from automation.toolchain import node as nodes
from tests.doubles.closing import Closing

RUN = """
const http = require("http"), path = require("path");
const [dir, handler] = process.argv.slice(1);
process.chdir(dir);
const made = require(path.join(dir, handler));
const run = made.default || made;
http.createServer((request, response) =>
  Promise.resolve(run(request, response)).catch((problem) => {
    console.error(problem);
    response.statusCode = 500;
    response.end();
  })
).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
"""


class Functions(Closing):
    """The functions of one deployment. A process starts when its function is first asked for."""

    def __init__(self, root: Path, variables: Mapping[str, str]) -> None:
        self._root, self._variables = root, dict(variables)
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="functions-"))
        self._running: dict[Path, tuple[subprocess.Popen[str], int]] = {}

    def close(self) -> None:
        for process, _ in self._running.values():
            process.kill()
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def port(self, function: Path) -> int:
        """Return the port on this machine where a `.func` folder answers."""
        with self._lock:
            found = self._running.get(function.resolve())
            if found is None or found[0].poll() is not None:
                found = self._started(function)
                self._running[function.resolve()] = found
            return found[1]

    def _started(self, function: Path) -> "tuple[subprocess.Popen[str], int]":
        place = self._folder / str(len(self._running))
        shutil.copytree(function, place, dirs_exist_ok=True)
        configuration = json.loads((function / ".vc-config.json").read_text())
        for name, source in configuration.get("filePathMap", {}).items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._root / source, place / name)
        process = subprocess.Popen(
            [str(nodes.locate().node), "-e", RUN, str(place), configuration["handler"]],
            env={"NODE_ENV": "production", **self._variables},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        return process, int(process.stdout.readline())
