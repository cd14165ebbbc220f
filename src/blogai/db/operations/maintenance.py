"""The tasks that keep the database well, and the log of what ran.

Every task may be repeated at any time, by any number of processes. Those of the owner run only where the process knows
the owner's login; elsewhere the log says so, and `blogai db maintain` from cron does them.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import psycopg

from blogai.db.database import from_database
from blogai.db.operations import archive, queries, rolling_index, vacuum, windows
from blogai.db.operations.access import Access
from blogai.db.operations.archive import Progress
from blogai.db.session import connection
from blogai.errors import BlogAIError, InvalidInput
from blogai.settings import Settings

Result = Literal["done", "not done", "failed"]
Figures = dict[str, int]

NEEDS_OWNER = "not done: needs the owner"
JOBS_AT_ONCE = 10_000
RUNS_AT_ONCE = 500


@dataclass(frozen=True)
class Work:
    """What a task gets to work with."""

    access: Access
    settings: Settings
    progress: Progress = field(default=lambda done, total: None)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One piece of maintenance."""

    name: str
    purpose: str
    every: timedelta
    """How often it is due. A little less than the day or week it stands for, so that it keeps its hour."""
    run: Callable[[Work], Awaitable[Figures]]
    look: Callable[[Work], Awaitable[Figures]]
    """What `run` would find to do; changes nothing."""
    needs_owner: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    """How a task went."""

    task: str
    outcome: Result
    detail: str | None = None
    figures: Figures = field(default_factory=dict)
    seconds: float = 0.0


async def _reset(work: Work) -> Figures:
    return {"quotas": await windows.roll(work.access.begin, work.progress)}


async def _look_reset(work: Work) -> Figures:
    async with work.access.begin() as conn:
        return {"quotas": await queries.expired_quotas(conn)}


async def _release(work: Work) -> Figures:
    async with work.access.begin() as conn:
        released = await queries.release_reservations(conn)
    async with work.access.begin() as conn:
        return {"released": released, "forgotten": await queries.forget_reservations(conn)}


async def _look_release(work: Work) -> Figures:
    async with work.access.begin() as conn:
        return {
            "released": await queries.expired_reservations(conn),
            "forgotten": await queries.forgettable_reservations(conn),
        }


async def _archive(work: Work) -> Figures:
    return await archive.archive(work.access.begin, archive.folder_of(work.settings.data_dir), progress=work.progress)


async def _look_archive(work: Work) -> Figures:
    return {"rows": await archive.count(work.access.begin)}


async def _prune(work: Work) -> Figures:
    runs = events = 0
    while True:
        async with work.access.begin() as conn:
            pruned, deleted = await queries.prune_run_events(conn, work.settings.run_event_days, RUNS_AT_ONCE)
        runs, events = runs + pruned, events + deleted
        if pruned < RUNS_AT_ONCE:
            return {"runs": runs, "events": events}


async def _look_prune(work: Work) -> Figures:
    async with work.access.begin() as conn:
        return {"runs": await queries.count_prunable_runs(conn, work.settings.run_event_days)}


async def _tidy(work: Work) -> Figures:
    async with work.access.begin() as conn:
        entries = await queries.delete_old_entries(conn)
    jobs = 0
    while True:
        async with work.access.begin() as conn:
            deleted = await queries.delete_finished_jobs(conn, JOBS_AT_ONCE)
        jobs += deleted
        if deleted < JOBS_AT_ONCE:
            return {"log_entries": entries, "queue_jobs": jobs}


async def _look_tidy(work: Work) -> Figures:
    async with work.access.begin() as conn:
        return {
            "log_entries": await queries.count_old_entries(conn),
            "queue_jobs": await queries.count_finished_jobs(conn),
        }


async def _vacuum(work: Work) -> Figures:
    assert work.access.owner_dsn is not None
    async with connection(work.access.owner_dsn) as conn:
        return await vacuum.vacuum(conn, work.progress)


async def _look_vacuum(work: Work) -> Figures:
    return {"tables": len(vacuum.BUSY)}


async def _roll(work: Work) -> Figures:
    assert work.access.owner_dsn is not None
    async with connection(work.access.owner_dsn) as conn:
        return await rolling_index.roll(conn)


async def _look_roll(work: Work) -> Figures:
    async with work.access.begin() as conn:
        return {"rebuilt": int(await rolling_index.is_due(conn, datetime.now(UTC)))}


_DAILY, _WEEKLY = timedelta(hours=23), timedelta(days=6, hours=20)

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="reset_quotas",
            purpose="open the current billing period of everybody whose period ended",
            every=_DAILY,
            run=_reset,
            look=_look_reset,
        ),
        Task(
            name="release_reservations",
            purpose="give expired reservations back; forget those closed for 30 days",
            every=_DAILY,
            run=_release,
            look=_look_release,
        ),
        Task(
            name="archive_usage",
            purpose="move usage records older than a year to files; keep monthly totals",
            every=_DAILY,
            run=_archive,
            look=_look_archive,
        ),
        Task(
            name="prune_run_events",
            purpose="delete what runs told their readers, some days after they ended",
            every=_DAILY,
            run=_prune,
            look=_look_prune,
        ),
        Task(
            name="tidy_logs",
            purpose="delete queue jobs that ended over a week ago and log entries over a year old",
            every=_DAILY,
            run=_tidy,
            look=_look_tidy,
        ),
        Task(
            name="vacuum",
            purpose="vacuum and analyse the busy tables",
            every=_WEEKLY,
            run=_vacuum,
            look=_look_vacuum,
            needs_owner=True,
        ),
        Task(
            name="roll_recent_index",
            purpose="rebuild idx_usage_records_recent with the bound of this month",
            every=_WEEKLY,
            run=_roll,
            look=_look_roll,
            needs_owner=True,
        ),
    )
}
"""In the order in which they run."""


def chosen(names: Iterable[str]) -> list[Task]:
    """The tasks of these names, all when there is none.

    Raises:
        InvalidInput: there is no such task.
    """
    names = list(names)
    for name in names:
        if name not in TASKS:
            raise InvalidInput(f"There is no task {name}.", field="task", remedy=f"Choose from {', '.join(TASKS)}.")
    return [task for task in TASKS.values() if not names or task.name in names]


async def due(access: Access, tasks: Iterable[Task]) -> list[Task]:
    """Those that were not done within their interval.

    What needs the owner is left to others for another interval where the owner is not known; then the log says once
    an interval that it was not done.
    """
    found = []
    async with access.begin() as conn:
        for task in tasks:
            cannot = task.needs_owner and access.owner_dsn is None
            outcomes = ["done", "not done"] if cannot else ["done"]
            if not await queries.tried(conn, task.name, task.every * (2 if cannot else 1), outcomes):
                found.append(task)
    return found


async def look(work: Work, task: Task) -> Figures:
    """What a task would do, without doing it."""
    return await task.look(work)


async def run(work: Work, task: Task) -> Entry:
    """Runs one task and logs it. A task that fails is an entry too; only an unwritable log raises.

    Raises:
        DatabaseUnavailable: the log cannot be written.
    """
    async with work.access.begin() as conn:
        number = await queries.start(conn, task.name, f"{socket.gethostname()} {os.getpid()}")
    began = asyncio.get_running_loop().time()

    def entry(outcome: Result, detail: str | None = None, figures: Figures | None = None) -> Entry:
        seconds = asyncio.get_running_loop().time() - began
        return Entry(task=task.name, outcome=outcome, detail=detail, figures=figures or {}, seconds=seconds)

    try:
        if task.needs_owner and work.access.owner_dsn is None:
            made = entry("not done", NEEDS_OWNER)
        else:
            made = entry("done", figures=await task.run(work))
    except psycopg.Error as exc:
        made = entry("failed", str(from_database(exc)))
    except (BlogAIError, OSError) as exc:
        made = entry("failed", str(exc))
    except asyncio.CancelledError:
        await _finish(work, number, entry("failed", "It was stopped."))
        raise
    await _finish(work, number, made)
    return made


async def _finish(work: Work, number: int, made: Entry) -> None:
    async with work.access.begin() as conn:
        await queries.finish(conn, number, made.outcome, made.detail, made.figures)
