"""The data of one branch: a real PostgreSQL cluster, with a server while an endpoint wants one."""

import contextlib
import random
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from automation.polling import SystemClock, wait_until
from components.dynamic.postgres import binary
from components.dynamic.privileges import unprivileged

START_SECONDS = 60
ADMINISTRATOR = "cloud_admin"
DIRECT, POOLED = "127.0.0.1", "127.0.0.2"
"""Two addresses of this machine, so that it shows which of the two a connection came by."""
PORTS = range(12000, 20000)
"""Below the ports that the kernel gives to outgoing connections: a server may start again."""
CONFIGURATION = """\
listen_addresses = '{direct},{pooled}'
unix_socket_directories = '{sockets}'
shared_buffers = 16MB
max_connections = 100
max_wal_senders = 4
wal_level = replica
fsync = off
min_wal_size = 2MB
password_encryption = 'scram-sha-256'
log_statement = 'ddl'
"""
AUTHENTICATION = """\
local all {admin} trust
local replication {admin} trust
host all all 127.0.0.0/8 scram-sha-256
"""
SUPERUSER = """\
CREATE ROLE neon_superuser NOLOGIN;
GRANT pg_read_all_data, pg_write_all_data, pg_monitor TO neon_superuser;
"""


class Cluster:
    """A data folder. `port` is chosen when its server first starts, and kept."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.data, self.log = folder / name, folder / f"{name}.log"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None

    def initialise(self) -> None:
        options = ["-U", ADMINISTRATOR, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        options.append("--wal-segsize=1")  # what is copied all the time should be small
        _run("initdb", "-D", str(self.data), *options)
        text = CONFIGURATION.format(direct=DIRECT, pooled=POOLED, sockets=self.folder)
        for name, content in (
            ("postgresql.auto.conf", text),
            ("pg_hba.conf", AUTHENTICATION.format(admin=ADMINISTRATOR)),
        ):
            # The file is the server's user's: written to, not replaced.
            with (self.data / name).open("w") as file:
                file.write(content)
        self.start()
        self.execute(SUPERUSER)
        # Nobody asks for it, and every copy is a third smaller.
        self.execute("UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'")
        self.execute("DROP DATABASE template0")
        self.stop()

    def copy(self, name: str) -> "Cluster":
        """Return a copy of what this holds at this moment; its server may be at work."""
        other = Cluster(self.folder, name)
        if self.running:
            source = ["-h", str(self.folder), "-p", str(self.port), "-U", ADMINISTRATOR]
            _run("pg_basebackup", "-D", str(other.data), *source, "-c", "fast", "--no-sync")
        else:
            subprocess.run(["cp", "-a", str(self.data), str(other.data)], check=True)
        return other

    def start(self) -> None:
        if self.running:
            return
        clock = SystemClock()
        deadline = clock.time() + START_SECONDS
        while True:
            port = self.port or _free_port()
            with self.log.open("ab") as log:
                process = subprocess.Popen(
                    [*unprivileged(), binary("postgres"), "-D", str(self.data), "-p", str(port)],
                    stdout=log,
                    stderr=log,
                )

            def settled(port: int = port, process: "subprocess.Popen[bytes]" = process) -> bool:
                return process.poll() is not None or self._answers(port)

            wait_until(settled, accept=bool, deadline=deadline, clock=clock, every=0.02)
            if process.poll() is None:
                self.port, self._process = port, process
                return
            # Somebody else's, by chance: another one, unless this one is known already.
            assert clock.time() < deadline, self.log.read_text(errors="replace")[-2000:]
            clock.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # does not wait for clients
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def execute(self, *statements: str | sql.Composed, database: str = "postgres") -> list[Any]:
        """Run statements as the administrator, by the socket; return what the last one found."""
        with self._connect(self.port, database) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _connect(self, port: int, database: str) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host=str(self.folder), port=port, user=ADMINISTRATOR, dbname=database, autocommit=True
        )

    def _answers(self, port: int) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self._connect(port, "postgres").close()
            return True
        return False


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [*unprivileged(), binary(program), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{program}: {done.stderr}"


def _free_port() -> int:
    while True:
        port = random.choice(PORTS)
        try:
            for address in (DIRECT, POOLED):
                with socket.socket() as tried:
                    tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    tried.bind((address, port))
        except OSError:
            continue
        return port
