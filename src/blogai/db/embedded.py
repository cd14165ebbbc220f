"""The embedded PostgreSQL: a server of our own below the data directory, shared by all our processes.

    data_dir/postgres/          the cluster (mode 0700, of the server's account)
    data_dir/postgres-config/   configuration, written at every start
    data_dir/postgres.log       what the server says
    data_dir/postgres.lock      held while somebody starts or stops the server
    data_dir/postgres.users     held shared by every process that uses it; the last one stops the server

Both locks are flocks, which the kernel drops with the process that held them: a killed program leaves
no count behind, only perhaps a running server, which the next start takes over. Nobody connects over the
network, nobody needs a password: the server asks the kernel which user is at the other end of the socket.
"""

import fcntl
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from blogai import data_folder
from blogai.db import cluster as clusters
from blogai.db import server_socket
from blogai.db.cluster import DATABASE, OWNER, RUNTIME_LOGIN, Postmaster
from blogai.db.server_account import CANNOT_BECOME, Account, cannot_become, let_through, server_account
from blogai.db.server_binaries import Binaries
from blogai.db.server_process import ended_within
from blogai.errors import DatabaseUnavailable

_POLL = 0.005
_LOG_LIMIT = 5_000_000
_ORPHANS = "pre-existing shared memory block"


class EmbeddedPostgres:
    """One process's hold on the server of a data directory."""

    def __init__(
        self,
        data_dir: Path,
        *,
        binaries: Binaries | None = None,
        durable: bool = True,
        password_logins: bool = False,
        timeout: float = 60.0,
    ) -> None:
        """Args:
        data_dir: the folder that holds the cluster.
        binaries: another installation than the shipped one.
        durable: False trades safety after a power cut for speed (tests).
        password_logins: lets further roles in by password, over the socket (tests).
        timeout: seconds to wait for the server, also while it recovers from a crash.
        """
        self.data_dir = data_dir
        self._binaries = binaries
        self._durable = durable
        self._password_logins = password_logins
        self._timeout = timeout
        self._thread = threading.Lock()  # a start that was given up still ends before the stop
        self._users: IO[bytes] | None = None
        self._socket_folder: Path | None = None
        self._account: Account | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Takes part in the server; starts it when nobody else has.

        Raises:
            ConfigurationError: the folder, the account or the version does not fit; has a remedy.
            DatabaseUnavailable: PostgreSQL did not start; carries what it said.
        """
        with self._thread:
            if not self._users:
                self._start()

    def revive(self) -> None:
        """Starts the server again when it died under us. Raises as `start`."""
        with self._thread:
            if self._users and self.pid is None:
                try:
                    with self._alone():
                        self._running()
                except OSError as exc:
                    raise data_folder.unusable(self.data_dir, exc) from exc

    def stop(self) -> None:
        """Lets go of the server; stops it, and waits for its end, when nobody else uses it."""
        with self._thread:
            if self._users:
                self._users.close()
                self._users = None
                self._stop()

    def _start(self) -> None:
        self.data_dir = data_folder.prepare(self.data_dir)
        try:
            with self._alone():
                users = self._file("users")
                try:
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._socket_folder = self._running().socket_folder
                except BaseException:
                    users.close()
                    raise
                self._users = users
        except OSError as exc:
            raise data_folder.unusable(self.data_dir, exc) from exc

    def _stop(self) -> None:
        with self._alone(), self._file("users") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if server := Postmaster.read(self._cluster):
                self._shut_down(server)
            if self._account:
                server_socket.forget(self._socket_note, self._account)

    def owner_dsn(self, db: str = DATABASE) -> str:
        """The superuser that owns the schema; for migrations only."""
        return self._dsn(OWNER, db)

    def app_dsn(self, db: str = DATABASE) -> str:
        """The runtime login."""
        return self._dsn(RUNTIME_LOGIN, db)

    @property
    def pid(self) -> int | None:
        """The process number of the running server."""
        server = Postmaster.read(self._cluster)
        return server.pid if server else None

    def _dsn(self, user: str, db: str) -> str:
        if self._socket_folder is None:
            raise RuntimeError("the server is not started")
        host = quote(os.fsencode(self._socket_folder), safe="")
        return f"postgresql://{user}@/{quote(db)}?host={host}&port={server_socket.PORT}"

    @property
    def _cluster(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def _config(self) -> Path:
        return self.data_dir / "postgres-config"

    @property
    def _socket_note(self) -> Path:
        return self._config / "socket-folder"

    def _file(self, kind: str) -> IO[bytes]:
        """A file beside the cluster, open for appending; made private to the owner of the data directory."""
        path = self.data_dir / f"postgres.{kind}"
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600), "ab+")
        if os.geteuid() == 0:
            os.fchown(file.fileno(), self.data_dir.stat().st_uid, -1)
        return file

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._file("lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _running(self) -> Postmaster:
        """The server, ready; started when needed. Under the lock."""
        account = self._account = server_account(self._cluster)
        let_through(self.data_dir, account)
        binaries = self._binaries or Binaries.shipped()
        if (self._cluster / "PG_VERSION").exists():
            clusters.check_version(self._cluster, binaries)
        deadline = time.monotonic() + self._timeout
        while server := Postmaster.read(self._cluster):  # perhaps of a killed program
            if server.status == "ready":
                return server
            self._pause(deadline)
        binaries = binaries.within_reach(account, self.data_dir)
        if not (self._cluster / "PG_VERSION").exists():
            clusters.initialise(self._cluster, binaries, account, durable=self._durable)
        self._config.mkdir(mode=0o700, exist_ok=True)
        folder = server_socket.choose(self._cluster, self._socket_note, account)
        clusters.write_configuration(
            self._config,
            folder,
            binaries,
            account,
            durable=self._durable,
            password_logins=self._password_logins,
        )
        while True:
            clusters.forget_number(self._cluster)
            server_socket.clear(folder)
            if server := self._launch(binaries, account, deadline):
                return server
            self._pause(deadline)  # processes of a crashed server are still going

    def _launch(self, binaries: Binaries, account: Account, deadline: float) -> Postmaster | None:
        """Starts the server and waits until it is ready; None when orphans of an earlier one hold its memory."""
        log = self.data_dir / "postgres.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".log.old"))
        command: list[str | Path] = [binaries.program("postgres"), "-D", self._cluster, "-c"]
        command.append(f"config_file={self._config / 'postgresql.conf'}")
        with self._file("log") as output:
            begin = output.seek(0, os.SEEK_END)
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    **account.popen_arguments(),
                )
            except OSError as exc:
                if exc.errno in CANNOT_BECOME:
                    raise cannot_become(account) from exc
                raise
        while process.poll() is None:
            server = Postmaster.read(self._cluster)
            if server and server.pid == process.pid and server.status == "ready":
                process.returncode = 0  # it outlives this object on purpose; Postmaster.runs collects it
                return server
            try:
                self._pause(deadline)
            except DatabaseUnavailable:
                process.terminate()
                process.wait()
                raise
        with log.open(errors="replace") as output_text:
            output_text.seek(begin)
            said = output_text.read()
        if _ORPHANS in said:
            return None
        reasons = re.findall(r"(?:FATAL|PANIC): +(.*)", said) or [said.strip()[-500:]]
        raise DatabaseUnavailable(
            f"The embedded PostgreSQL did not start: {reasons[-1]}.",
            remedy=f"See {log}; check free space and permissions of the data directory.",
        )

    def _shut_down(self, server: Postmaster) -> None:
        """Fast: open transactions are rolled back; harder when that takes too long."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if server.runs(self._cluster):  # no longer in its last moments
                server.signal(number)
            if ended_within(server.pid, self._timeout / 2):
                return

    def _pause(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"The embedded PostgreSQL was not ready within {self._timeout:.0f} seconds.",
                remedy=f"See {self.data_dir / 'postgres.log'}.",
            )
        time.sleep(_POLL)
