"""The files of the embedded server: a new cluster, its configuration, and its postmaster.pid."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from blogai.db.server_account import Account
from blogai.db.server_binaries import Binaries
from blogai.db.server_socket import PORT
from blogai.errors import ConfigurationError, DatabaseUnavailable

OWNER = "postgres"
"""The role that owns the embedded database."""

RUNTIME_LOGIN = "blogai_app"
"""The login of the program: owns nothing, inherits nothing, bypasses nothing."""

DATABASE = "blogai"

_FIRST_STATEMENTS = f"""\
create role {RUNTIME_LOGIN} login noinherit nosuperuser nobypassrls nocreatedb nocreaterole;
create database {DATABASE};
"""


def initialise(cluster: Path, binaries: Binaries, account: Account, *, durable: bool) -> None:
    """Makes a cluster with the database and the runtime login; all of it appears at once or not at all.

    Raises:
        DatabaseUnavailable: PostgreSQL could not make it; carries what it said.
    """
    fresh = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if account.other:
        os.chown(fresh, account.uid, account.gid)
    initdb = binaries.program("initdb")
    command: list[str | Path] = [initdb, "-D", fresh, "-U", OWNER, "-E", "UTF8", "--locale=C", "-T", "english"]
    command += ["-A", "reject", "--no-instructions", "--no-sync"]
    if binaries.version >= 17:  # characters of Unicode, sorted by code point, the same on every system
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _expect(account.run(command))
    # the single-user server needs no socket and no authentication
    server = binaries.program("postgres")
    single = account.run(
        [server, "--single", "-D", fresh, "-F", "-c", "log_checkpoints=off", "template1"], input=_FIRST_STATEMENTS
    )
    _expect(single)
    if "ERROR" in single.stderr:
        raise DatabaseUnavailable(f"A new database could not be made: {single.stderr.strip()}")
    if durable:  # one call for the whole file system where there is one, instead of one for each of 1000 files
        whole = ["--sync-method=syncfs"] if binaries.version >= 17 and sys.platform == "linux" else []
        _expect(account.run([initdb, "-D", fresh, "--sync-only", *whole]))
    fresh.rename(cluster)


def _expect(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        raise DatabaseUnavailable(
            f"A new database could not be made: {(done.stderr or done.stdout).strip()}",
            remedy="Check the free space and the permissions of the data directory.",
        )


def check_version(cluster: Path, binaries: Binaries) -> None:
    """Refuses a cluster of another major version.

    Raises:
        ConfigurationError: names both versions and the remedy.
    """
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != str(binaries.version):
        raise ConfigurationError(
            f"The database in {cluster} was made by PostgreSQL {found}; this program brings {binaries.version}.",
            field="data_dir",
            remedy="Dump it with the release that made it (pg_dump) and load the dump into a new data directory.",
        )


def write_configuration(
    folder: Path, socket_folder: Path, binaries: Binaries, account: Account, *, durable: bool, password_logins: bool
) -> None:
    """Writes what the server reads at its start; the folder stays ours, the server's account may only read it."""
    own = {pwd.getpwuid(uid).pw_name for uid in {0, os.geteuid()}} | {account.name}
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": '"' + str(socket_folder).replace('"', '""') + '"',
        "unix_socket_permissions": "0777" if account.other else "0700",  # the folder is private, peer decides
        "hba_file": str(folder / "hba.conf"),
        "ident_file": str(folder / "ident.conf"),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "max_connections": "100",
        "shared_buffers": "64MB",
        "min_wal_size": "32MB",
        "max_wal_size": "512MB",
        "max_logical_replication_workers": "0",
        "max_wal_senders": "0",
        "wal_level": "minimal",
        "jit": "off",
        "log_checkpoints": "off",
    }
    if binaries.version >= 18:
        settings["io_method"] = "sync"  # three processes less
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    lines = ["# Written at every start; put your own settings into custom.conf beside this file."]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    lines += ["include_if_exists = 'custom.conf'"]
    rest = "scram-sha-256" if password_logins else "reject"
    access = [f"local all {OWNER},{RUNTIME_LOGIN} peer map=blogai", f"local all all {rest}"]
    idents = [f'blogai "{name}" {role}' for name in sorted(own) for role in (OWNER, RUNTIME_LOGIN)]
    owner, group = folder.parent.stat().st_uid, account.gid  # root leaves nothing of its own in a user's folder
    for name, content in {"postgresql.conf": lines, "hba.conf": access, "ident.conf": idents}.items():
        path = folder / name
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.fsencode("\n".join(content) + "\n"))
            if account.other:
                os.fchown(file.fileno(), owner, group)
                os.fchmod(file.fileno(), 0o640)
    if account.other:
        os.chown(folder, owner, group)
        folder.chmod(0o710)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True)
class Postmaster:
    """What postmaster.pid tells of a server."""

    pid: int
    socket_folder: Path | None
    status: str
    """starting, standby, ready or stopping; empty in the first moments."""

    @classmethod
    def read(cls, cluster: Path) -> "Postmaster | None":
        """The running server of a cluster; None when there is none, also when the file is left over."""
        try:
            lines = os.fsdecode((cluster / "postmaster.pid").read_bytes()).splitlines()
            found = cls(
                int(lines[0]),
                Path(lines[4]) if len(lines) > 4 and lines[4] else None,
                lines[7].strip() if len(lines) > 7 else "",
            )
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return found if found.runs(cluster) else None

    def runs(self, cluster: Path) -> bool:
        """Whether the process lives and is the server of that cluster, not a later one with the same number."""
        with suppress(ChildProcessError):  # when it was our child, its number stays taken until it is collected
            os.waitpid(self.pid, os.WNOHANG)
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return False
        if sys.platform == "linux":
            try:
                return Path(f"/proc/{self.pid}/cwd").readlink() == cluster
            except OSError:  # a zombie has no folder
                return False
        told = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(self.pid)], capture_output=True, text=True, check=False
        )
        return str(cluster) in told.stdout

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


def forget_number(cluster: Path) -> None:
    """Puts our own process number into a left-over postmaster.pid.

    PostgreSQL refuses to start while the number in that file belongs to any living process, which after
    a crash can be a stranger; its own parent it does not take for a server. The rest of the file has to
    stay: by it PostgreSQL sees processes of the crashed server that still hold the shared memory.
    """
    with suppress(FileNotFoundError):
        descriptor = os.open(cluster / "postmaster.pid", os.O_RDWR | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb+") as file:
            _, _, rest = file.read().partition(b"\n")
            file.seek(0)
            file.write(b"%d\n%s" % (os.getpid(), rest))
            file.truncate()
