"""Secrets that the program makes for itself and keeps in the data directory."""

import os
import tempfile
from pathlib import Path
from secrets import token_urlsafe

from blogai.data_folder import prepare, unusable


def secret(data_dir: Path, name: str) -> str:
    """The secret of a name (43 characters, 256 bits), made on the first call; the same ever after, in every process.

    Its file is `NAME.secret`, mode 0600.

    Raises:
        ConfigurationError: the data directory cannot be used.
    """
    path = prepare(data_dir) / f"{name}.secret"
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return path.read_text(encoding="ascii")
    except OSError as exc:
        raise unusable(data_dir, exc) from exc


def _make(path: Path) -> None:
    """Appears whole, and only if nobody else was faster."""
    descriptor, fresh = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
    finally:
        Path(fresh).unlink()
