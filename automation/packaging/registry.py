"""A registry of images, asked and filled through crane."""

import csv
import io
import json
import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation import processes
from automation.errors import BuildFailed
from automation.toolchain import crane
from automation.toolchain.cache import Progress

TIMEOUT_SECONDS = 1800
ABSENT = re.compile(r"MANIFEST_UNKNOWN|NAME_UNKNOWN|404 Not Found|NotFound", re.IGNORECASE)
REFUSED = re.compile(r"UNAUTHORIZED|DENIED|401 |403 |no basic auth|forbidden", re.IGNORECASE)
UNREACHABLE = re.compile(r"connection refused|no such host|i/o timeout|dial tcp|TLS|x509")
CREDENTIALS = ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "GOOGLE_APPLICATION_CREDENTIALS")
"""Variables by which crane and the credential helpers of Docker find what to log in with."""
ECR = re.compile(r"^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$")


@dataclass(frozen=True)
class Configured:
    """What an image's configuration is to say."""

    entrypoint: Sequence[str]
    variables: Mapping[str, str]
    labels: Mapping[str, str]
    user: str
    folder: str
    port: int


@dataclass(frozen=True)
class Registry:
    """`platform` is that of the images, such as `linux/amd64`; `log` takes what crane prints."""

    platform: str
    log: Path
    progress: Progress
    cancelled: threading.Event

    def configuration(self, image: str) -> dict[str, Any]:
        """Return the configuration of an image. Raise BuildFailed where it cannot be had."""
        code, printed = self._crane("config", image)
        if code != 0:
            raise self._failed("could not be read", image, printed)
        found: dict[str, Any] = json.loads(printed[-1])
        return found

    def digest(self, image: str) -> str | None:
        """Return the digest, as `sha256:...`, or None where there is no such image."""
        code, printed = self._crane("digest", image)
        if code == 0:
            return printed[-1]
        if any(ABSENT.search(line) for line in printed):
            return None
        raise self._failed("could not be looked up", image, printed)

    def push(self, base: str, layer: Path, configured: Configured, tag: str) -> str:
        """Lay a layer upon a base, configure it, and return `repository@sha256:...`."""
        arguments = ["--append", str(layer), "--entrypoint", _listed(configured.entrypoint)]
        arguments += ["--user", configured.user, "--workdir", configured.folder]
        arguments += ["--exposed-ports", f"{configured.port}/tcp"]
        for name, value in configured.variables.items():
            arguments += ["--env", f"{name}={value}"]
        for name, value in configured.labels.items():
            arguments += ["--label", f"{name}={value}"]
        code, printed = self._crane("mutate", base, *arguments, "--tag", tag)
        pushed = [line for line in printed if re.search(r"^\S+@sha256:[0-9a-f]{64}$", line)]
        if code != 0 or not pushed:
            raise self._failed("could not be pushed", tag, printed)
        return pushed[-1]

    def _crane(self, *arguments: str) -> tuple[int, tuple[str, ...]]:
        passed = {k: v for k, v in os.environ.items() if k in CREDENTIALS or k.startswith("AWS_")}
        program = crane.locate(self.progress, self.cancelled)
        try:
            finished = processes.run(
                [str(program), *arguments, "--platform", self.platform],
                cwd=self.log.parent,
                env=processes.environment(passed),
                log=self.log,
                timeout=TIMEOUT_SECONDS,
                cancelled=self.cancelled,
            )
        except processes.TimedOut as late:
            raise BuildFailed(f"the registry: {late.message}; the log is {self.log}") from late
        return finished.code, finished.tail or ("crane printed nothing",)

    def _failed(self, what: str, image: str, printed: Sequence[str]) -> BuildFailed:
        host = host_of(image)
        text = "\n".join(printed)
        hint = "Look at what the registry said; nothing was changed."
        if REFUSED.search(text):
            hint = f"Log in to the registry: {login(host)}; then run this again."
        elif UNREACHABLE.search(text):
            hint = f"{host} was not reached. Check its name, the network and the proxy."
        elif ABSENT.search(text):
            hint = f"There is no {image}; check its name, and make its repository if it has none."
        message = f"the image {image} {what}; the log is {self.log}"
        return BuildFailed(message, hint=hint, details=tuple(printed))


def host_of(image: str) -> str:
    """Return the registry's host and port; Docker Hub where the name has none."""
    first, slash, _ = image.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first if named else "index.docker.io"


def login(host: str) -> str:
    """Return the command that logs in to a registry."""
    ecr = ECR.match(host)
    if ecr:
        ask = f"aws ecr get-login-password --region {ecr.group(1)}"
        return f"`{ask} | crane auth login {host} -u AWS --password-stdin`"
    return f"`docker login {host}` or `crane auth login {host} -u USER --password-stdin`"


def _listed(values: Sequence[str]) -> str:
    """Write a list as crane reads it: one line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()
