"""The pods of a cluster: of each Deployment with replicas, one process that stands for them all."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.plugins.cloud import Cloud, Object
from tests.doubles.plugins.values import at
from tests.doubles.world.images import Images
from tests.doubles.world.told import NotThere, environment

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
EVERY_SECONDS = 0.5
GRACE_SECONDS = 10
PROBE_SECONDS, FAILURES = 10, 3
"""Longer than what the product asks for: a busy machine makes no replica sick."""
PYTHON = Path(sys.executable).parent


@dataclass
class Pod:
    """A process that runs what a template says."""

    template: str
    labels: Mapping[str, str]
    probe: Mapping[str, Any]
    port: int
    process: "subprocess.Popen[bytes]"
    is_ready: bool = False
    missed: int = 0
    """How often in a row it did not answer as it should."""

    def look(self) -> None:
        """See whether it is ready: at once, and not any more when it fails some times in a row."""
        self.missed = 0 if _answers(self.port, self.probe) else self.missed + 1
        still = self.is_ready and self.missed < FAILURES
        self.is_ready = self.process.poll() is None and (self.missed == 0 or still)

    def end(self) -> None:
        """Tell it to end, and see that it does."""
        self.is_ready = False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class Pods:
    """Runs what the Deployments of the plugins' cluster ask for, from their images."""

    cloud: Cloud
    images: Images
    folder: Path
    _pods: dict[str, Pod] = field(default_factory=dict)
    _leaving: list[threading.Thread] = field(default_factory=list)
    trouble: dict[str, str] = field(default_factory=dict)
    """Why the pods of a Deployment do not start."""

    def port(self, service: str, objects: list[Object]) -> int | None:
        """Return where a Service leads to; None where none of its pods is ready."""
        for each in objects:
            if each.type == SERVICE and at(each.inputs, "metadata.name") == service:
                wanted = at(each.inputs, "spec.selector") or {}
                for pod in [*self._pods.values()]:
                    if pod.is_ready and wanted.items() <= pod.labels.items():
                        return pod.port
        return None

    def reconcile(self) -> None:
        """Start, replace and end pods, until they are what is asked for; one step."""
        objects = self.cloud.objects()
        wanted = {
            each.id: each
            for each in objects
            if each.type == DEPLOYMENT and at(each.inputs, "spec.replicas") != 0
        }
        for gone in {*self._pods} - {*wanted}:
            self._end(self._pods.pop(gone))
        for id_, deployment in wanted.items():
            self._keep(id_, deployment, objects)
        for pod in self._pods.values():
            pod.look()

    def close(self) -> None:
        """End every pod."""
        for pod in self._pods.values():
            self._end(pod)
        self._pods.clear()
        for thread in self._leaving:
            thread.join()

    def _keep(self, id_: str, deployment: Object, objects: list[Object]) -> None:
        template = json.dumps(at(deployment.inputs, "spec.template"), sort_keys=True)
        there = self._pods.get(id_)
        if there and there.template == template and there.process.poll() is None:
            return
        try:
            new = self._started(deployment, template, objects)
        except NotThere as missing:
            self.trouble[id_] = str(missing)
            return
        self.trouble.pop(id_, None)
        if there and there.process.poll() is None:
            # a rolling update: the old one goes when the new one can serve
            deadline = time.monotonic() + GRACE_SECONDS
            while time.monotonic() < deadline and not new.is_ready:
                new.look()
                time.sleep(EVERY_SECONDS)
            self._end(there)
        self._pods[id_] = new

    def _started(self, deployment: Object, template: str, objects: list[Object]) -> Pod:
        content = at(deployment.inputs, "spec.template")
        container = content["spec"]["containers"][0]
        image = self.images.fetched(container["image"])
        port = _free_port()
        told = environment(container, objects)
        path = f"{PYTHON}:{image.variables.get('PATH', '')}:{os.environ['PATH']}"
        own = {**image.variables, **told, "PATH": path, "PORT": str(port)}
        log = (self.folder / f"{deployment.name}.log").open("ab")
        process = subprocess.Popen(
            [*image.entrypoint],
            cwd=image.folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        labels = at(content, "metadata.labels") or {}
        return Pod(template, labels, container.get("readinessProbe") or {}, port, process)

    def _end(self, pod: Pod) -> None:
        thread = threading.Thread(target=pod.end, daemon=True)
        thread.start()
        self._leaving.append(thread)


def _answers(port: int, probe: Mapping[str, Any]) -> bool:
    path = at(probe, "httpGet.path")
    with contextlib.suppress(OSError, http.client.HTTPException):
        if path is None:
            socket.create_connection(("127.0.0.1", port), PROBE_SECONDS).close()
            return True
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_SECONDS)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return 200 <= status < 400
    return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
