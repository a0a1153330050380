"""A real API server of Kubernetes, without nodes and without controllers."""

import secrets
import socket
import subprocess
import tempfile
from pathlib import Path

import httpx
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from automation.polling import SystemClock, wait_until
from tests.doubles.closing import Closing
from tests.doubles.kubernetes.client import Client
from tests.doubles.kubernetes.programs import Programs, programs

START_SECONDS = 180
HOST = "127.0.0.1"


class ApiServer(Closing):
    """Runs until closed, with the definitions of custom resources that this project uses.

    `url` and `kubeconfig` (a file) lead to it, with the token of somebody who may do everything.
    It admits and validates as any cluster's does. Nothing is ever run or made ready.
    """

    def __init__(self, folder: Path, found: Programs | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._programs = found or programs()
        self._started: list[subprocess.Popen[bytes]] = []
        # not below pytest's folders: etcd's data would be kept with them
        self._data = tempfile.TemporaryDirectory(prefix="etcd-", dir="/tmp")
        self._token = secrets.token_urlsafe(24)
        self.url = f"https://{HOST}:{_free()}"
        self.kubeconfig = folder / "kubeconfig"
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def client(self) -> Client:
        """Return a client of it."""
        return Client(self.url, self._token, str(self.folder / "apiserver.crt"))

    def close(self) -> None:
        for process in reversed(self._started):
            process.kill()
            process.wait()
        self._data.cleanup()

    def _start(self) -> None:
        etcd = f"http://{HOST}:{_free()}"
        self._run("etcd", *self._etcd(etcd))
        self._run("kube-apiserver", *self._server(etcd))
        clock = SystemClock()
        deadline = clock.time() + START_SECONDS
        wait_until(self._is_ready, accept=bool, deadline=deadline, clock=clock, every=0.25)
        self._write_kubeconfig()
        with self.client() as client:
            for file in sorted(self._programs.definitions.iterdir()):
                client.apply(yaml.load(file.read_text(), _Loader))
            client.wait_for_definitions()

    def _run(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            command = [str(self._programs.bin / name), *arguments]
            self._started.append(subprocess.Popen(command, stdout=log, stderr=log))

    def _etcd(self, url: str) -> list[str]:
        peer = f"http://{HOST}:{_free()}"
        given = {
            "data-dir": self._data.name,
            "listen-client-urls": url,
            "advertise-client-urls": url,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }
        return [*(f"--{name}={value}" for name, value in given.items()), "--unsafe-no-fsync"]

    def _server(self, etcd: str) -> list[str]:
        key, tokens = self.folder / "accounts.pem", self.folder / "tokens.csv"
        key.write_bytes(_key())
        tokens.write_text(f'{self._token},somebody,1,"system:masters"\n')
        for file in (key, tokens):
            file.chmod(0o600)
        given = {
            "etcd-servers": etcd,
            "bind-address": HOST,
            "advertise-address": HOST,
            "secure-port": self.url.rpartition(":")[2],
            "cert-dir": str(self.folder),
            "token-auth-file": str(tokens),
            "authorization-mode": "RBAC",
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": str(key),
            "service-account-signing-key-file": str(key),
            "service-cluster-ip-range": "10.96.0.0/24",
            "endpoint-reconciler-type": "none",
        }
        return [f"--{name}={value}" for name, value in given.items()]

    def _is_ready(self) -> bool:
        for process in self._started:
            if (code := process.poll()) is not None:
                raise AssertionError(f"{process.args[0]} ended with {code}: {self._log()}")  # type: ignore[index]
        if not (self.folder / "apiserver.crt").is_file():
            return False
        try:
            with self.client() as client:
                return client.is_ready()
        except httpx.TransportError:
            return False

    def _log(self) -> str:
        return "".join(
            (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
            for name in ("etcd", "kube-apiserver")
            if (self.folder / f"{name}.log").is_file()
        )

    def _write_kubeconfig(self) -> None:
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "real",
                    "cluster": {
                        "server": self.url,
                        "certificate-authority": str(self.folder / "apiserver.crt"),
                    },
                }
            ],
            "users": [{"name": "somebody", "user": {"token": self._token}}],
            "contexts": [{"name": "real", "context": {"cluster": "real", "user": "somebody"}}],
            "current-context": "real",
        }
        self.kubeconfig.touch(0o600)
        self.kubeconfig.write_text(yaml.safe_dump(content))


class _Loader(yaml.SafeLoader):
    """Takes a lone `=`, which is among an enumeration's values, as the text that it is."""


_Loader.add_constructor("tag:yaml.org,2002:value", _Loader.construct_yaml_str)


def _free() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port


def _key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,  # its public half is read from it too
        serialization.NoEncryption(),
    )
