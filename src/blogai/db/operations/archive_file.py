"""The files of archived usage: gzip CSV that `COPY ... FROM ... (format csv, header)` reads back."""

import csv
import gzip
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Step = Callable[[str], None]
"""Told the name of each step when it is done; the tests kill the process there."""

PART = ".part"
"""Ending of a file that is being written."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that is safely on the disk."""

    name: str
    sha256: str
    bytes: int


def write(folder: Path, name: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]], step: Step) -> Written:
    """Writes a file under another name, syncs it, renames it and syncs the folder. It is whole or not there.

    Raises:
        OSError: the disk is full, say; the half-made file is taken away.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / (name + PART)
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as raw:
            with (
                gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
                io.TextIOWrapper(packed, "utf-8", newline="") as text,
            ):
                text.write(_line(columns))
                half = len(rows) // 2
                text.writelines(map(_line, rows[:half]))
                text.flush()
                raw.flush()
                step("half written")
                text.writelines(map(_line, rows[half:]))
            raw.flush()
            step("written")
            os.fsync(raw.fileno())
            step("synced")
            raw.seek(0)
            digest = hashlib.file_digest(raw, "sha256").hexdigest()
            size = raw.tell()
        part.rename(folder / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    step("renamed")
    return Written(name=name, sha256=digest, bytes=size)


def finished(folder: Path) -> dict[str, Path]:
    """The whole files in a folder, by name; none when there is no folder."""
    return {path.name: path for path in folder.glob("usage-*.csv.gz")}


def remove_parts(folder: Path) -> int:
    """Takes away files that nobody finished; how many."""
    parts = list(folder.glob(f"*{PART}"))
    for part in parts:
        part.unlink(missing_ok=True)
    return len(parts)


def ids(path: Path) -> list[str]:
    """The ids of the records in a file.

    Raises:
        OSError, EOFError, ValueError: it is no archive of ours, or damaged.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        lines = csv.DictReader(text)
        if "id" not in (lines.fieldnames or ()):
            raise ValueError("no column id")
        return [line["id"] for line in lines]


def _line(values: Iterable[str | None]) -> str:
    # Quoted or nothing, so that an empty text and null stay different.
    return ",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in values) + "\n"


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
