"""The supervisor of one environment: it keeps processes alive and outlives the driver."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pulumi
from pulumi import dynamic

from components.contract import files
from components.contract.outputs import RUN_MARK
from components.dynamic import programs, supervision

CONFIGURATION = """\
[supervisord]
logfile={escaped}/logs/supervisor.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile={escaped}/supervisor.pid
childlogdir={escaped}/logs
directory={escaped}
identifier=slipway
nocleanup=true
{user}

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files=programs/*.conf
"""


class SupervisorProvider(dynamic.ResourceProvider):
    """Starts and stops one supervisord for a run folder."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Start the supervisor.

        What runs already is stopped first, with its supervisor if there still is one: the state
        knows nothing of it, be it left by a killed supervisor or by a driver that was interrupted.
        """
        run = Path(props["run"])
        _stop(run)
        _start(run)
        return dynamic.CreateResult(str(run), props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Another folder is another supervisor."""
        moved = ["run"] if old["run"] != new["run"] else []
        return dynamic.DiffResult(changes=bool(moved), replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Nothing can change in place."""
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See a supervisor that does not answer as gone."""
        if not supervision.answers(Path(id_)):
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, props)

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Stop every process, then the supervisor, and remove the run folder's own files."""
        run = Path(id_)
        _stop(run)
        supervision.socket_path(run).unlink(missing_ok=True)
        for name in ("supervisor.conf", "supervisor.pid"):
            (run / name).unlink(missing_ok=True)
        if (run / "programs").exists():
            shutil.rmtree(run / "programs")


def _stop(run: Path) -> None:
    try:
        supervisor = supervision.connect(run)
        pid = supervisor.getPID()
        supervisor.shutdown()
        psutil.Process(pid).wait(supervision.PATIENCE_SECONDS)
    except (*supervision.UNREACHABLE, psutil.Error):
        pass  # gone already, or slow: what is left is stopped next
    supervision.kill_marked(run)


def _start(run: Path) -> None:
    (run / "programs").mkdir(parents=True, exist_ok=True)
    (run / "logs").mkdir(exist_ok=True)
    run.chmod(0o700)
    socket = supervision.socket_path(run)
    socket.unlink(missing_ok=True)
    for stale in (run / "programs").glob("*"):
        stale.unlink()
    configuration = run / "supervisor.conf"
    user = "user=root" if os.geteuid() == 0 else ""
    text = CONFIGURATION.format(
        escaped=programs.escaped(run), socket=programs.escaped(socket), user=user
    )
    files.write(configuration, text, mode=0o600)
    environment = {key: value for key, value in os.environ.items() if key in INHERITED}
    subprocess.run(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        cwd=run,
        env={**environment, RUN_MARK: str(run)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
        timeout=supervision.PATIENCE_SECONDS,
    )
    supervision.settle(lambda: supervision.answers(run), "the supervisor answers")


INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""All that processes inherit from whoever ran the deployment; the rest is declared."""


class Supervisor(dynamic.Resource, module="local", name="Supervisor"):
    """A supervisord for the run folder."""

    run: pulumi.Output[str]

    def __init__(self, name: str, *, run: str, opts: pulumi.ResourceOptions) -> None:
        """Declare the supervisor."""
        super().__init__(SupervisorProvider(), name, {"run": run}, opts)
