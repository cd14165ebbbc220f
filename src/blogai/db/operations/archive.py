"""Moves usage records older than a year into files; their monthly totals stay in the database.

A batch is one transaction: records are locked, the file is written, synced and renamed, then the manifest row and the
DELETE commit together. Whoever dies before the commit leaves all records and at most a file that no manifest row
names; the next run takes that file away. So every record is in the table or in a file of the manifest, never in both.
"""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from blogai.db.database import Connection
from blogai.db.operations import archive_file, queries, windows
from blogai.db.operations.access import Begin
from blogai.db.operations.archive_file import Step
from blogai.errors import Fault

BATCH = 10_000
"""Records of a file: what fits into memory, and a transaction of a second or two."""

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""


def folder_of(data_dir: Path) -> Path:
    """Where the files are."""
    return data_dir / "archive" / "usage"


def year_before(moment: datetime) -> datetime:
    """The same day and time of the year before; 28 February for the 29th."""
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=moment.year - 1, day=day)


async def count(begin: Begin) -> int:
    """How many records are older than a year."""
    async with begin() as conn:
        return await queries.count_old(conn, year_before(datetime.now(UTC)))


async def archive(
    begin: Begin,
    folder: Path,
    *,
    batch: int = BATCH,
    progress: Progress = lambda done, total: None,
    step: Step = lambda name: None,
) -> dict[str, int]:
    """Archives every record older than a year.

    Returns:
        Figures: rows and files of this run, removed_files (half-made ones of an earlier run) and unknown_files, which
        are in the folder, in no manifest, and hold records that the database does not have. Those are left alone.

    Raises:
        OSError: a file cannot be written; the records of that batch stay.
    """
    before = year_before(datetime.now(UTC))
    async with begin() as conn:
        await queries.lock_archive(conn)
        removed, unknown = await _tidy(conn, folder)
    # A window that ended long ago would keep its records here, and its counters would lose them.
    await windows.roll(begin)
    async with begin() as conn:
        await queries.roll_days(conn, before)
        total = await queries.count_old(conn, before)
    rows = files = 0
    while moved := await _batch(begin, folder, before, batch, step):
        rows += moved
        files += 1
        progress(rows, max(rows, total))
    return {"rows": rows, "files": files, "removed_files": removed, "unknown_files": unknown}


async def _batch(begin: Begin, folder: Path, before: datetime, limit: int, step: Step) -> int:
    async with begin() as conn:
        await queries.lock_archive(conn)
        columns = await queries.columns(conn)
        records = await queries.oldest(conn, columns, before, limit)
        if not records:
            return 0
        step("selected")
        moments = sorted(
            datetime.fromisoformat(moment)
            for record in records
            if (moment := record[columns.index("timestamp")]) is not None
        )
        first, last = moments[0], moments[-1]
        name = f"usage-{first:%Y%m%d}-{last:%Y%m%d}-{uuid4().hex[:12]}.csv.gz"
        written = await asyncio.to_thread(archive_file.write, folder, name, columns, records, step)
        await queries.add_archive(
            conn,
            file=written.name,
            host=socket.gethostname(),
            sha256=written.sha256,
            bytes=written.bytes,
            row_count=len(records),
            first_at=first,
            last_at=last,
        )
        ids = [str(record[columns.index("id")]) for record in records]
        gone = await queries.move_to_totals(conn, ids)
        if gone != len(records):
            raise Fault(f"{len(records)} usage records were written to {name}, but {gone} would be deleted.")
        step("deleted")
    step("committed")
    return len(records)


async def _tidy(conn: Connection, folder: Path) -> tuple[int, int]:
    """Takes away what earlier runs left half-made: how many files, and how many are not known."""
    removed = archive_file.remove_parts(folder)
    unknown = 0
    files = archive_file.finished(folder)
    known = await queries.known_archives(conn, list(files))
    for name in files.keys() - known:
        # Only a file whose every record is still in the table is superfluous. Any other may be the last copy: of
        # another database that used this folder, or of this one before it was restored from a backup.
        try:
            ids = await asyncio.to_thread(archive_file.ids, files[name])
            superfluous = await queries.count_present(conn, ids) == len(ids)
        except (OSError, EOFError, ValueError):
            superfluous = False
        if superfluous:
            files[name].unlink(missing_ok=True)
            removed += 1
        else:
            unknown += 1
    return removed, unknown
