"""The data directory: private to the user of the program."""

import os
import stat
from pathlib import Path

from blogai.errors import ConfigurationError

REMEDY = "Set BLOGAI_DATA_DIR to a folder that you may write to."


def prepare(data_dir: Path) -> Path:
    """Makes the data directory, private when it is new or empty, and returns its real path.

    A folder with something in it keeps its permissions: it may have been shared on purpose.

    Raises:
        ConfigurationError: it cannot be made or written to; names the folder and the remedy.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        real = data_dir.resolve(strict=True)
        info = real.stat()
        shared = info.st_mode & stat.S_ISVTX  # like /tmp: made for everybody
        if info.st_uid == os.geteuid() and not shared and not any(real.iterdir()):
            real.chmod(0o700)
    except OSError as exc:
        raise unusable(data_dir, exc) from exc
    if not os.access(real, os.W_OK | os.X_OK):
        raise ConfigurationError(f"The data directory {real} is not writable.", field="data_dir", remedy=REMEDY)
    return real


def unusable(data_dir: Path, exc: OSError) -> ConfigurationError:
    """The error for a folder that the system refuses."""
    return ConfigurationError(
        f"The data directory {data_dir} cannot be used: {exc.strerror or exc}.", field="data_dir", remedy=REMEDY
    )
