"""Maintenance by the clock: one job a tick however many processes there are, and it runs what is due."""

import asyncio
from pathlib import Path

from procrastinate import App
from procrastinate.periodic import PeriodicDeferrer
from tests.db.operators import rows

from blogai.db.database import Connection, Database
from blogai.db.operations import jobs
from blogai.db.operations.maintenance import TASKS
from blogai.queue import build, work
from blogai.server import blueprints
from blogai.settings import Settings

TICK = 1_800_000_000
JOBS = "select count(*) as jobs from queue.procrastinate_jobs where task_name = 'database:maintain'"


async def defer(app: App) -> None:
    """What every worker does at a tick."""
    await PeriodicDeferrer(registry=app.periodic_registry).defer_jobs(
        [
            (periodic, TICK)
            for periodic in app.periodic_registry.periodic_tasks.values()
            if periodic.task.name == "database:maintain"
        ]
    )


async def test_one_run_for_four_processes(
    database: Database, app_dsn: str, owner_conn: Connection, owner_dsn: str, tmp_path: Path
) -> None:
    async def process() -> None:
        async with build(app_dsn, [jobs.tasks]).open_async() as app:
            await defer(app)

    await asyncio.gather(*(process() for _ in range(4)))
    assert await rows(owner_conn, JOBS) == [{"jobs": 1}]
    settings = Settings(data_dir=tmp_path, database_url=app_dsn, owner_database_url=owner_dsn)  # type: ignore[arg-type]
    context = {"database": database, "settings": settings}
    await asyncio.gather(*(work(app_dsn, [jobs.tasks], context=context, wait=False) for _ in range(2)))
    log = await rows(owner_conn, "select task, outcome from private.maintenance_log order by id")
    assert log == [{"task": task, "outcome": "done"} for task in TASKS]


async def test_a_failure_is_a_failed_job_and_the_rest_is_done(
    database: Database, app_dsn: str, owner_conn: Connection, tmp_path: Path
) -> None:
    (tmp_path / "archive").write_text("in the way")
    await owner_conn.execute(
        'insert into public.usage_records (user_id, operation_type, "timestamp")'
        " values ('ann', 'blog', now() - interval '2 years')"
    )
    async with build(app_dsn, [jobs.tasks]).open_async() as app:
        await defer(app)
    settings = Settings(data_dir=tmp_path, database_url=app_dsn)  # type: ignore[arg-type]
    await work(app_dsn, [jobs.tasks], context={"database": database, "settings": settings}, wait=False)
    outcomes = await rows(owner_conn, "select task, outcome from private.maintenance_log order by id")
    assert {row["task"]: row["outcome"] for row in outcomes} == {
        task.name: "failed" if task.name == "archive_usage" else "not done" if task.needs_owner else "done"
        for task in TASKS.values()
    }
    (job,) = await rows(
        owner_conn, "select status::text from queue.procrastinate_jobs where task_name = 'database:maintain'"
    )
    assert job == {"status": "failed"}


def test_the_server_has_the_job() -> None:
    assert jobs.tasks in blueprints()
