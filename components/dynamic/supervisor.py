"""The supervisor of one environment: it keeps processes alive and outlives the driver."""

import os
import shutil
import subprocess
import sys
import xmlrpc.client
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from components.dynamic import files, supervision

CONFIGURATION = """\
[supervisord]
logfile={run}/logs/supervisor.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile={run}/supervisor.pid
childlogdir={run}/logs
directory={run}
identifier=slipway
nocleanup=true
{user}

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files={run}/programs/*.conf
"""


class SupervisorProvider(dynamic.ResourceProvider):
    """Starts and stops one supervisord for a run folder."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Start the supervisor, or adopt the one that runs already.

        What a killed supervisor left running is stopped first: its ports are needed.
        """
        run = Path(props["run"])
        if not supervision.answers(run):
            supervision.kill_marked(run)
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
        try:
            supervision.connect(run).shutdown()
            supervision.settle(lambda: not supervision.answers(run), "the supervisor stops")
        except (OSError, xmlrpc.client.Error):
            pass  # already gone: what it left behind is stopped next
        supervision.kill_marked(run)
        supervision.socket_path(run).unlink(missing_ok=True)
        for name in ("programs", "supervisor.conf", "supervisor.pid"):
            path = run / name
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(
                missing_ok=True
            )


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
    files.write(configuration, CONFIGURATION.format(run=run, socket=socket, user=user), mode=0o600)
    environment = {key: value for key, value in os.environ.items() if key in INHERITED}
    subprocess.run(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        env={**environment, supervision.RUN_MARK: str(run)},
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
