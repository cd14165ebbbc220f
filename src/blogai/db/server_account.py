"""The operating system account of the embedded server, and what it may reach.

PostgreSQL refuses to run as root. As root we therefore start it under an unprivileged account and
give that account exactly one thing: the way through the data directory into its own folder. No
permission above the data directory is ever changed. A normal user's server runs as that user.
"""

import errno
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from blogai.errors import ConfigurationError

FITTING = ("blogai", "postgres", "pgserver")
"""Accounts made for a database server; the first that exists is used, else `blogai` is created."""

CANNOT_BECOME = (errno.EPERM, errno.EACCES, errno.EINVAL)
"""How the system refuses to change the account; EINVAL: a container does not know the account's number."""

_CREATE: tuple[tuple[str, ...], ...] = (
    ("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "blogai"),
    ("adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", "blogai"),
)


@dataclass(frozen=True)
class Account:
    """Who the server runs as."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int) -> Self:
        """The account of a user id.

        Raises:
            ConfigurationError: the id has no name; PostgreSQL cannot start without one.
        """
        try:
            entry = pwd.getpwuid(uid)
        except KeyError as exc:
            raise ConfigurationError(
                f"The user id {uid} has no name on this system, and PostgreSQL cannot run without one.",
                remedy="Add a line for it to /etc/passwd, or set BLOGAI_DATABASE_URL to a server of your own.",
            ) from exc
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def other(self) -> bool:
        """True when it is not the account of this process."""
        return self.uid != os.geteuid()

    def popen_arguments(self) -> dict[str, Any]:
        """Keyword arguments that make `subprocess` start a program under this account."""
        arguments: dict[str, Any] = {
            "cwd": "/",
            "umask": 0o077,
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        }
        if self.other:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return arguments

    def run(self, command: Sequence[str | Path], *, input: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a program to its end under this account; input and output are text.

        Raises:
            ConfigurationError: this process may not start programs under that account.
        """
        try:
            return subprocess.run(
                command, input=input, capture_output=True, text=True, check=False, **self.popen_arguments()
            )
        except OSError as exc:
            if exc.errno in CANNOT_BECOME:
                raise cannot_become(self) from exc
            raise

    def may_enter(self, folder: Path) -> bool:
        """Whether the account may pass through a folder, all above it being passable.

        The mode bits answer almost always; where they say no, access lists may still say yes, so the
        account itself tries.
        """
        if not self.other:
            return os.access(folder, os.X_OK)
        if _grants(folder.stat(), self, stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH):
            return True
        return self.run(["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0

    def may_reach(self, path: Path) -> bool:
        """Whether the account may pass through every folder above a path."""
        return all(self.may_enter(folder) for folder in reversed(path.parents))


def _grants(info: os.stat_result, account: Account, owner: int, group: int, other: int) -> bool:
    if info.st_uid == account.uid:
        return bool(info.st_mode & owner)
    if info.st_gid == account.gid:
        return bool(info.st_mode & group)
    return bool(info.st_mode & other)


def cannot_become(account: Account) -> ConfigurationError:
    return ConfigurationError(
        f"PostgreSQL does not run as root, and this process may not start it under the account {account.name}.",
        remedy="Start Blog AI as a normal user, or set BLOGAI_DATABASE_URL to a server of your own.",
    )


def server_account(cluster: Path) -> Account:
    """The account that runs the server of a cluster folder (which may not exist yet).

    Raises:
        ConfigurationError: none fits and none could be made, or the folder belongs to somebody else.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    euid = os.geteuid()
    if euid != 0:
        if owner not in (None, euid):
            raise ConfigurationError(
                f"The folder {cluster} belongs to another user (id {owner}).",
                remedy="Run as that user, or set BLOGAI_DATA_DIR to a folder of your own.",
            )
        return Account.of(euid)
    if owner:  # an existing cluster keeps its account, whoever made it
        return Account.of(owner)
    return _fitting() or _create()


def _fitting() -> Account | None:
    for name in FITTING:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return None


def _create() -> Account:
    for command in _CREATE:
        if program := shutil.which(command[0], path=os.defpath + ":/usr/sbin:/sbin"):
            subprocess.run([program, *command[1:]], capture_output=True, check=False)
            if account := _fitting():
                return account
    raise ConfigurationError(
        "PostgreSQL does not run as root, and there is no account for it on this system.",
        remedy="Create a system account named blogai, or start Blog AI as a normal user.",
    )


def let_through(data_dir: Path, account: Account) -> None:
    """Lets the account pass through the data directory itself, and nothing else.

    Raises:
        ConfigurationError: a folder above is closed to the account; names it and the remedy.
    """
    if not account.other:
        return
    info = data_dir.stat()
    closed_to_all = not info.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if closed_to_all and info.st_uid == os.geteuid():
        try:
            os.chown(data_dir, -1, account.gid)
        except OSError as exc:
            raise cannot_become(account) from exc
        data_dir.chmod(stat.S_IMODE(info.st_mode) | stat.S_IXGRP)
    for folder in (*reversed(data_dir.parents), data_dir):
        if not account.may_enter(folder):
            raise ConfigurationError(
                f"PostgreSQL runs under the account {account.name}, which may not enter the folder {folder}.",
                field="data_dir",
                remedy=f"Set BLOGAI_DATA_DIR to a folder outside of it, or allow passing through: chmod o+x {folder}",
            )
