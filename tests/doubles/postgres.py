"""The real PostgreSQL of the wheel, in a folder of its own, reached by a socket."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from automation.polling import SystemClock, wait_until
from components.dynamic.postgres import binary
from components.dynamic.privileges import NOBODY, unprivileged
from tests.doubles.closing import Closing

START_SECONDS = 60
PORT = 5432
"""Part of the socket's name only: nothing listens on the network."""


class Postgres(Closing):
    """Runs until closed; `host` is the socket's folder, `user` its only role, without a password.

    The package's own server class is not used: it opens pytest's folders to everybody, which the
    next pytest that starts takes back, and all servers of the machine share a lock.
    """

    user = "postgres"

    def __init__(self) -> None:
        # Socket paths are limited to about 100 characters: pytest's folders may be too deep.
        self._folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self.host = str(self._folder)
        self._prefix = unprivileged()
        if self._prefix:
            shutil.chown(self._folder, NOBODY, NOBODY)
        data = str(self._folder / "data")
        initdb = ["initdb", "-D", data, "-U", self.user, "--auth=trust", "--no-sync", "-E", "UTF8"]
        subprocess.run(self._command(*initdb), check=True, capture_output=True)
        self._log = (self._folder / "log").open("wb")
        arguments = ["-D", data, "-k", self.host, "-p", str(PORT), "-h", "", "-F"]
        self._process = subprocess.Popen(
            self._command("postgres", *arguments), stdout=self._log, stderr=self._log
        )
        clock = SystemClock()
        deadline = clock.time() + START_SECONDS
        wait_until(self._answers, accept=bool, deadline=deadline, clock=clock, every=0.05)

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=self.host, port=PORT, user=self.user, dbname="postgres")

    def close(self) -> None:
        self._process.send_signal(signal.SIGINT)  # does not wait for clients
        self._process.wait()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [*self._prefix, binary(program), *arguments]

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True
