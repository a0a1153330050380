"""How a backend starts in its image: as nobody in particular, on every interface, at `$PORT`."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from automation.builds import artifact as artifacts
from automation.builds import backend as backends
from automation.builds.job import SOURCE
from automation.packaging.registry import Configured
from automation.specification.models import Backend
from components.contract.release import Artifact

PORT = 8000
USER = "10001:10001"
SOURCES, PACKAGES = "/app/src", "/app/site-packages"
LOOPBACK = re.compile(r"(--host[= ]|--bind[= ]|-b[= ]?)(127\.0\.0\.1|localhost)")


def configured(built: Artifact, backend: Backend, base: Mapping[str, Any]) -> Configured:
    """Return the configuration of a backend's image, laid upon an image with that of `base`."""
    place = PurePosixPath(built.working_directory).relative_to(SOURCE)
    return Configured(
        entrypoint=entrypoint(built, backend),
        variables={
            "PATH": f"{PACKAGES}/bin:{variables_of(base).get('PATH') or artifacts.SYSTEM_PATH}",
            "PYTHONPATH": PACKAGES,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            built.port_variable: str(PORT),
        },
        labels={"slipway.artifact": built.digest},
        user=USER,
        folder=str(SOURCES / place),
        port=PORT,
    )


def entrypoint(built: Artifact, backend: Backend) -> tuple[str, ...]:
    """Return the argv that starts the backend in its image: on every interface, at `$PORT`.

    Its shell gives way to the server, so that the server itself gets the platform's signals.
    """
    port = f"${{{built.port_variable}}}"
    if backend.start:
        line = LOOPBACK.sub(r"\g<1>0.0.0.0", backend.start)
        return artifacts.shell(line.replace("${port}", port))
    layout = {
        "python": "python3",
        "uvicorn": backends.installed(environment_of(built), "uvicorn") or "",
    }
    command = backends.start_command(backend, layout, host="0.0.0.0", trusted="*")
    words = [f'"{port}"' if word == "${port}" else shlex.quote(word) for word in command]
    return ("/bin/sh", "-c", f"exec {' '.join(words)}")


def environment_of(built: Artifact) -> Path:
    """Return the virtual environment of an artifact."""
    return Path(built.variables["VIRTUAL_ENV"])


def variables_of(base: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment variables of an image's configuration."""
    lines = (base.get("config") or {}).get("Env") or []
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
