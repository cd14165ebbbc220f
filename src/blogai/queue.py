"""The job queue: procrastinate on the same database, in schema `queue`.

A job is deferred on the caller's own connection, so that it commits or vanishes with the rows that it is
about, and by the name of its task, so that nobody imports tasks. A feature's `jobs.py` declares them:

    tasks = Blueprint()

    @tasks.task(name="content:tidy", pass_context=True)
    async def tidy(context: JobContext, run_id: str) -> None:
        database = context.additional_context["database"]

A job may run twice when its process dies, so a task must not mind being repeated.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import AsyncConnection

from blogai.cancellation import heed
from blogai.db.database import Actor, Connection, acting_as
from blogai.errors import Conflict

if TYPE_CHECKING:
    from procrastinate import App, Blueprint
    from procrastinate.worker import Worker

log = logging.getLogger(__name__)

_PATH = "select set_config('search_path', %s, true)"
_BECOME = "select set_config('role', 'service_role', false), set_config('search_path', 'queue', false)"

HEARTBEAT = 10.0
"""Seconds between two signs of life of a worker."""
STALLED = 60.0
"""Seconds without a sign of life after which a worker's jobs are taken over."""


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """How a job is queued, where its task's own settings do not fit."""

    queue: str | None = None
    priority: int | None = None
    """Higher goes first; 0 when nobody says otherwise."""
    lock: str | None = None
    """Jobs with the same lock run one after the other."""
    queueing_lock: str | None = None
    """At most one job with this lock waits at a time."""
    schedule_at: datetime | None = None
    """Not before this moment; with a time zone."""


async def defer(conn: Connection, task_name: str, /, options: JobOptions | None = None, **args: Any) -> int:
    """Queues a job in the open transaction of `conn` and returns its id.

    Whoever acts in that transaction, the insert itself runs as service_role; role, claims and search_path
    are as before when this returns. The arguments are JSON values.

    Raises:
        Conflict: a job with the same queueing_lock waits already; the transaction goes on.
    """
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

    settings = {name: value for name, value in vars(options or JobOptions()).items() if value is not None}
    deferrer = _deferring().configure_task(task_name, connection=conn, **settings)
    try:
        # A savepoint, so that a refused job does not end the caller's transaction.
        async with conn.transaction(), acting_as(conn, Actor.service()):
            path = await _search_path(conn)
            await conn.execute(_PATH, ["queue"])
            job_id = await deferrer.defer_async(**args)
            await conn.execute(_PATH, [path])
    except AlreadyEnqueued as exc:
        raise Conflict(
            f"A job of {task_name} waits already.", remedy="It will do the work; nothing needs to be done."
        ) from exc
    except ConnectorException as exc:
        if isinstance(exc.__cause__, psycopg.Error):
            raise exc.__cause__ from exc
        raise
    return job_id


async def work(
    conninfo: str,
    blueprints: Iterable["Blueprint"],
    *,
    context: Mapping[str, Any] | None = None,
    concurrency: int = 2,
    wait: bool = True,
    grace: float = 30.0,
    poll: float = 5.0,
) -> None:
    """Runs jobs until the task that awaits this is cancelled; outages of the database are waited out.

    A job that succeeded leaves no row, one that failed stays to be looked at.

    Args:
        conninfo: DSN of the runtime login.
        blueprints: the tasks of the features; each has an explicit name, as `content:tidy`.
        context: what tasks find in `context.additional_context`, such as the database.
        concurrency: most jobs at a time.
        wait: False returns as soon as no job is left.
        grace: seconds that running jobs have to finish after the cancellation.
        poll: seconds between two looks at the queue; new jobs are announced, scheduled ones are not.
    """
    from procrastinate.worker import Worker

    blueprints = list(blueprints)
    pause = 0.5
    while True:
        try:
            async with build(conninfo, blueprints, concurrency=concurrency).open_async() as app:
                heed()
                pause = 0.5
                worker = Worker(
                    app,
                    concurrency=concurrency,
                    wait=wait,
                    additional_context=dict(context or {}),
                    delete_jobs="successful",  # else the periodic ones alone are some thousand rows a day
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=grace,
                    fetch_job_polling_interval=poll,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=STALLED,
                )
                await _run(worker)
        except Exception as exc:
            if not wait:
                raise
            heed()  # it may have been lost while this was being stopped
            log.warning("the worker lost the database, next try in %.1f s: %s", pause, exc)
        else:
            if not wait:
                return
            log.warning("the worker stopped by itself, next try in %.1f s", pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30.0)


async def _run(worker: "Worker") -> None:
    """Runs a worker; a cancellation asks it to stop, which it cannot miss, and waits for the jobs in hand."""
    running = asyncio.create_task(worker.run(), name="worker")
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        worker.stop()
        await running
        raise


def build(conninfo: str, blueprints: Iterable["Blueprint"], *, concurrency: int = 2) -> "App":
    """A procrastinate app with all tasks, whose connections act as service_role in schema `queue`."""
    from procrastinate import App, JobContext, PsycopgConnector

    app = App(
        connector=PsycopgConnector(
            conninfo=conninfo,
            min_size=1,
            max_size=concurrency + 2,
            timeout=10.0,
            configure=_become,
            kwargs={"application_name": "blogai worker"},
        )
    )
    for blueprint in blueprints:
        # Copies: a blueprint may serve several apps, and belongs to none of them.
        for name, original in blueprint.tasks.items():
            if name.startswith(("builtin:", "procrastinate.")):
                continue
            task = copy(original)
            task.blueprint = app
            if name in app.tasks:
                raise ValueError(f"two tasks are named {name}")
            app.tasks[name] = task
        for periodic in blueprint.periodic_registry.periodic_tasks.values():
            app.periodic_registry.register_task(
                task=app.tasks[periodic.task.name],
                cron=periodic.cron,
                periodic_id=periodic.periodic_id,
                configure_kwargs=periodic.configure_kwargs,
            )

    @app.periodic(cron="* * * * *")
    @app.task(name="queue:take_over", queueing_lock="queue:take_over", pass_context=True)
    async def take_over(context: JobContext, timestamp: int) -> None:
        """Queues the jobs of dead workers again."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            log.warning("job %s of %s is taken over from a dead worker", job.id, job.task_name)
            await app.job_manager.retry_job(job)

    return app


@cache
def _deferring() -> "App":
    """An app that is never opened: every job goes over its caller's connection."""
    from procrastinate import App, PsycopgConnector

    return App(connector=PsycopgConnector())


async def _become(conn: AsyncConnection[Any]) -> None:
    await conn.execute(_BECOME)
    await conn.commit()


async def _search_path(conn: Connection) -> str:
    cursor = await conn.execute("select current_setting('search_path')")
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])
