"""The real API server of Kubernetes and its etcd, built from their Go modules once.

In the user's cache, like the Pulumi CLI, as no registry of packages has them. Minutes on two cores.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from automation import processes
from automation.errors import SlipwayError
from automation.toolchain import cache, golang

VERSION = "1.34.1"
MODULES = Path(__file__).parent / "modules"
PROGRAMS = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
}
NAMED = "k8s.io/component-base/version"
FLAGS = (
    f"-s -w -X {NAMED}.gitVersion=v{VERSION} -X {NAMED}.gitMajor={VERSION.split('.')[0]} "
    f"-X {NAMED}.gitMinor={VERSION.split('.')[1]}"
)
DEFINITIONS = {
    "sigs.k8s.io/gateway-api": (
        "config/crd/standard",
        ("gateway.networking.k8s.io_gateways.yaml", "gateway.networking.k8s.io_httproutes.yaml"),
    ),
    "github.com/cert-manager/cert-manager": (
        "deploy/crds",
        ("cert-manager.io_certificates.yaml",),
    ),
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd",
        (
            "monitoring.coreos.com_alertmanagerconfigs.yaml",
            "monitoring.coreos.com_prometheusrules.yaml",
            "monitoring.coreos.com_servicemonitors.yaml",
        ),
    ),
    "sigs.k8s.io/secrets-store-csi-driver": (
        "config/crd/bases",
        ("secrets-store.csi.x-k8s.io_secretproviderclasses.yaml",),
    ),
}
"""Folder and files of each module with definitions of custom resources."""
NEEDED_BYTES = 6_000_000_000
BUILD_SECONDS = 3600


class Unavailable(Exception):
    """The programs cannot be had here; the message says why."""


@dataclass(frozen=True)
class Programs:
    """`bin` has the programs, `definitions` the custom resources' as YAML files."""

    bin: Path
    definitions: Path


def programs() -> Programs:
    """Return the programs of the cache, built where they are not. Raise Unavailable."""
    final = cache.root() / "kubernetes" / f"{VERSION}-1"
    with cache.locked(final.parent / ".lock", print, "it builds the API server"):
        if not final.is_dir():
            _make(final)
    return Programs(final / "bin", final / "definitions")


def _make(final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(final.parent).free
    if free < NEEDED_BYTES:
        raise Unavailable(f"a build takes {NEEDED_BYTES / 1e9:.0f} GB; there are {free / 1e9:.1f}")
    try:
        go = golang.locate(print)
        with cache.made_whole(final) as new:
            _build(go, new)
            _define(go, new)
    except (SlipwayError, OSError, subprocess.SubprocessError) as reason:
        raise Unavailable(f"the API server cannot be built here: {reason}") from reason


def _build(go: Path, into: Path) -> None:
    log = into.parent / "build.log"
    log.unlink(missing_ok=True)
    work = into / "work"
    shutil.copytree(MODULES / "server", work)
    for name, package in PROGRAMS.items():
        command = [str(go), "build", "-ldflags", FLAGS, "-o", str(into / "bin" / name), package]
        done = processes.run(
            ["nice", "-n", "5", *command],
            cwd=work,
            env=_environment(),
            log=log,
            timeout=BUILD_SECONDS,
        )
        if done.code != 0:
            raise Unavailable(f"go build {package}: " + " / ".join(done.tail))
    shutil.rmtree(work)


def _define(go: Path, into: Path) -> None:
    work, target = into / "work", into / "definitions"
    shutil.copytree(MODULES / "definitions", work)
    target.mkdir()
    done = subprocess.run(
        [str(go), "mod", "download", "-json", *DEFINITIONS],
        cwd=work,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable(f"go mod download: {(done.stdout + done.stderr).strip()[-500:]}")
    decoder, rest = json.JSONDecoder(), done.stdout.strip()
    while rest:
        module, end = decoder.raw_decode(rest)
        rest = rest[end:].strip()
        folder, files = DEFINITIONS[module["Path"]]
        for file in files:
            # files of the module cache cannot be written to; these can be removed again
            (target / file).write_bytes((Path(module["Dir"]) / folder / file).read_bytes())
    shutil.rmtree(work)


def _environment() -> dict[str, str]:
    go = {"GOFLAGS": "-mod=mod -buildvcs=false", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    return processes.environment({**go, "HOME": os.environ.get("HOME", "/")})
