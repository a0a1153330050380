"""A real registry of images on this machine, kept in memory, and images to lay things upon."""

import contextlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation.toolchain import crane

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class LocalRegistry:
    """`host` is what image names begin with: crane speaks plain HTTP to loopback addresses."""

    host: str

    def crane(self, *arguments: str) -> str:
        """Run crane, and return what it printed."""
        command = [str(crane.locate(print)), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def base(self, name: str = "python:3", python: str = f"{PYTHON}.9") -> str:
        """Make an image that says of itself what those of Python do; return its name."""
        reference = f"{self.host}/{name}"
        with tempfile.TemporaryDirectory() as folder:
            nothing = Path(folder) / "nothing.tar"
            tarfile.open(nothing, "w").close()
            made = self.crane("append", "--oci-empty-base", "-f", str(nothing), "-t", reference)
        said = ["--env", f"PYTHON_VERSION={python}"] if python else []
        self.crane("mutate", made, "--set-platform", "linux/amd64", *said, "-t", reference)
        return reference

    def configuration(self, image: str) -> dict[str, Any]:
        """Return the configuration of an image."""
        found: dict[str, Any] = json.loads(self.crane("config", image))
        return found

    def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository."""
        return self.crane("ls", f"{self.host}/{repository}").split()

    def unpack(self, image: str, into: Path) -> None:
        """Write the files of an image into a folder."""
        content = into / ".image.tar"
        self.crane("export", image, str(content))
        with tarfile.open(content) as files:
            files.extractall(into, filter="tar")
        content.unlink()


@contextlib.contextmanager
def serving() -> Iterator[LocalRegistry]:
    """Serve a registry on a free port, empty, until the block ends."""
    command = [str(crane.locate(print)), "registry", "serve", "--address", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = ""
            for line in process.stderr:
                said += line
                port = re.search(r"serving on port (\d+)", line)
                if port:
                    yield LocalRegistry(f"127.0.0.1:{port.group(1)}")
                    return
            raise RuntimeError(f"the registry did not start: {said}")
        finally:
            process.terminate()
