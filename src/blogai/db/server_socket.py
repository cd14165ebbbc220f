"""The folder of the server's Unix socket: inside the cluster, or a private one where that path is too long."""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from blogai.db.server_account import Account
from blogai.errors import ConfigurationError

PORT = 5432
"""Part of the socket's name only: the server listens on no network address."""

_LONGEST = 103 if sys.platform == "darwin" else 107
"""Bytes of a socket's path (sun_path less its end mark)."""


def fits(folder: Path) -> bool:
    """Whether the socket's path in a folder is short enough, and has no comma: clients read that as two hosts."""
    return b"," not in os.fsencode(folder) and len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= _LONGEST


def choose(cluster: Path, note: Path, account: Account) -> Path:
    """The folder for the next start.

    Where the cluster's own path is too long, a new private folder with an unpredictable name is made in
    the runtime or temporary folder; `note` remembers it, so that later starts use it again while it is
    still private and still the account's.

    Raises:
        ConfigurationError: no place for a socket was found.
    """
    if fits(cluster):
        return cluster
    if (known := _noted(note)) and _private(known, account):
        return known
    for base in _bases():
        if not (fits(base / "blogai-12345678") and base.is_dir() and os.access(base, os.W_OK | os.X_OK)):
            continue
        if not all(account.may_enter(folder) for folder in (*reversed(base.parents), base)):
            continue
        folder = Path(tempfile.mkdtemp(prefix="blogai-", dir=base))  # mode 0700, name unpredictable
        if account.other:
            os.chown(folder, account.uid, account.gid)
        note.write_text(str(folder), encoding="utf-8", errors="surrogateescape")
        return folder
    raise ConfigurationError(
        f"The path of the data directory is too long for a socket ({cluster}), and no other folder can hold it.",
        field="data_dir",
        remedy="Set BLOGAI_DATA_DIR to a shorter path.",
    )


def clear(folder: Path) -> None:
    """Takes away what a dead server left: PostgreSQL will not, while a stranger has its process number."""
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (folder / name).unlink(missing_ok=True)


def forget(note: Path, account: Account) -> None:
    """Removes the private folder after the server has stopped."""
    if (known := _noted(note)) and _private(known, account):
        shutil.rmtree(known, ignore_errors=True)
    note.unlink(missing_ok=True)


def _noted(note: Path) -> Path | None:
    try:
        return Path(note.read_text(encoding="utf-8", errors="surrogateescape"))
    except FileNotFoundError:
        return None


def _private(folder: Path, account: Account) -> bool:
    try:
        info = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == account.uid and stat.S_IMODE(info.st_mode) == 0o700


def _bases() -> Iterator[Path]:
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(runtime).resolve()
    if os.geteuid() == 0:
        yield Path("/run")
    yield Path(tempfile.gettempdir()).resolve()
    yield Path("/tmp").resolve()  # noqa: S108 - only for a folder with an unpredictable name and mode 0700
