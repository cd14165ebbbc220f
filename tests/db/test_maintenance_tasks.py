"""What each task does, and the log of it."""

import asyncio
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.db.connecting import owner
from tests.db.operators import do, rows, work_of

from blogai.db.database import Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.login import create_login
from blogai.db.migrate import migrate
from blogai.db.operations import maintenance, vacuum, windows
from blogai.db.operations.access import Access, open_access
from blogai.db.operations.maintenance import NEEDS_OWNER, TASKS, Figures, Task, Work
from blogai.errors import ConfigurationError, Forbidden, InvalidInput
from blogai.settings import Settings

LOG = """
select task, outcome, detail, figures, finished_at is not null as ended, run_by from private.maintenance_log order by id
"""

FILL = """
delete from public.user_quotas; -- the month of the local owner, made with the template, may end while the tests run
insert into public.user_quotas (user_id, period_start, period_end)
values ('late', now() - interval '100 days', now() - interval '70 days'), ('fresh', default, default);
insert into public.usage_reservations (user_id, operation_type, units, reserved_at, expires_at)
values ('fresh', 'blog', 2, now() - interval '2 minutes', now() - interval '1 minute');
insert into public.usage_reservations (user_id, operation_type, units, state, reserved_at, expires_at, closed_at)
values ('fresh', 'blog', 1, 'released', now() - interval '40 days', now() - interval '39 days',
        now() - interval '39 days');
select private.recount_usage();
"""


async def test_quotas_are_reset_and_reservations_released(
    database: Database, owner_conn: Connection, tmp_path: Path
) -> None:
    await owner_conn.execute(FILL)
    work = work_of(database, tmp_path)
    assert await maintenance.look(work, TASKS["reset_quotas"]) == {"quotas": 1}
    assert await maintenance.look(work, TASKS["release_reservations"]) == {"released": 1, "forgotten": 1}
    assert (await do(work, "reset_quotas")).figures == {"quotas": 1}
    assert (await do(work, "release_reservations")).figures == {"released": 1, "forgotten": 1}
    assert (await do(work, "reset_quotas")).figures == {"quotas": 0}
    late, fresh = await rows(
        owner_conn,
        "select period_end > now() as current, month_used from public.user_quotas where user_id in ('late', 'fresh')"
        " order by user_id desc",
    )
    assert (late["current"], fresh["month_used"]) == (True, 0)
    assert await rows(owner_conn, "select state from public.usage_reservations") == [{"state": "expired"}]
    log = await rows(owner_conn, LOG)
    assert [entry["task"] for entry in log] == ["reset_quotas", "release_reservations", "reset_quotas"]
    assert all(entry["outcome"] == "done" and entry["ended"] for entry in log)
    assert log[0]["figures"] == {"quotas": 1}
    assert log[0]["run_by"].endswith(f" {os.getpid()}")


MANY = """
delete from public.user_quotas; -- the month of the local owner, made with the template, may end while the tests run
insert into public.user_quotas (user_id, tier, period_start, period_end)
select 'user ' || i, 'free', now() - interval '70 days', now() - interval '40 days' from generate_series(1, 7) as i;
insert into public.stripe_subscriptions (subscription_id, user_id, tier)
select 'sub ' || i, 'user ' || i, 'pro' from generate_series(1, 3) as i;
update public.user_quotas set period_start = now() - interval '70 days', period_end = now() - interval '40 days'
 where user_id like 'user %';
"""


async def test_nobody_waits_for_the_windows_of_all_others(
    database: Database, owner_conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owner_conn.execute(MANY)
    monkeypatch.setattr(windows, "AT_ONCE", 3)
    free: list[tuple[int, int]] = []

    def look(done: int, total: int) -> None:
        with psycopg.connect(owner_conn.info.dsn) as conn:  # committed, so neither locked nor expired
            query = "select user_id from public.user_quotas where period_end > now() and user_id like 'user %'"
            free.append((len(conn.execute(f"{query} for update nowait").fetchall()), total))

    work = replace(work_of(database, tmp_path), progress=look)
    assert (await do(work, "reset_quotas")).figures == {"quotas": 7}
    assert free == [(3, 7), (6, 7), (7, 7)]
    assert await rows(owner_conn, "select count(*) from private.usage_reconciliation where month_difference <> 0") == [
        {"count": 0}
    ]


async def test_a_dry_run_changes_nothing(database: Database, owner_conn: Connection, tmp_path: Path) -> None:
    await owner_conn.execute(FILL)
    before = await rows(owner_conn, "select * from public.user_quotas order by user_id")
    for task in TASKS.values():
        assert await maintenance.look(work_of(database, tmp_path), task)
    assert await rows(owner_conn, "select * from public.user_quotas order by user_id") == before
    assert await rows(owner_conn, LOG) == []
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_old_jobs_and_entries_go(database: Database, owner_conn: Connection, tmp_path: Path) -> None:
    await owner_conn.execute(
        """
        insert into queue.procrastinate_jobs (task_name, queue_name, status)
        values ('old', 'default', 'succeeded'), ('new', 'default', 'succeeded'), ('waits', 'default', 'todo');
        delete from queue.procrastinate_events;
        insert into queue.procrastinate_events (job_id, type, at)
        select id, 'succeeded', case task_name when 'new' then now() else now() - interval '8 days' end
          from queue.procrastinate_jobs;
        insert into private.maintenance_log (task, started_at, finished_at, outcome, run_by)
        values ('vacuum', now() - interval '13 months', now() - interval '13 months', 'done', 'x');
        """
    )
    entry = await do(work_of(database, tmp_path), "tidy_logs")
    assert entry.figures == {"log_entries": 1, "queue_jobs": 1}
    assert await rows(owner_conn, "select task_name from queue.procrastinate_jobs order by 1") == [
        {"task_name": "new"},
        {"task_name": "waits"},
    ]


async def test_events_go_some_days_after_the_end_and_the_last_one_stays(
    database: Database, owner_conn: Connection, tmp_path: Path
) -> None:
    await owner_conn.execute(
        """
        insert into public.generation_runs
            (user_id, tool_id, tool_name, operation_type, units, inputs, fingerprint, status, created_at, finished_at)
        select 'local', name, 'A tool', 'tool', 1, '{}', 'x', status, now() - interval '90 days', ended
          from (values ('old', 'finished', now() - interval '31 days'), ('older', 'failed', now() - interval '80 days'),
                       ('fresh', 'finished', now() - interval '29 days'), ('long', 'running', null))
               as run (name, status, ended);
        insert into public.generation_events (run_id, id, user_id, kind, created_at)
        select r.id, e.id, r.user_id, e.kind, r.created_at
          from public.generation_runs as r
         cross join (values (1, 'started'), (2, 'section'), (3, 'delta')) as e (id, kind);
        insert into public.generation_events (run_id, id, user_id, kind, created_at)
        select r.id, 4, r.user_id, r.status, r.finished_at from public.generation_runs as r where status <> 'running';
        """
    )
    work = work_of(database, tmp_path)
    assert await maintenance.look(work, TASKS["prune_run_events"]) == {"runs": 2}
    assert (await do(work, "prune_run_events")).figures == {"runs": 2, "events": 6}
    assert (await do(work, "prune_run_events")).figures == {"runs": 0, "events": 0}
    assert await rows(
        owner_conn,
        "select r.tool_id, array_agg(e.id order by e.id) as left from public.generation_runs as r"
        " join public.generation_events as e on e.run_id = r.id group by r.tool_id order by 1",
    ) == [
        {"tool_id": "fresh", "left": [1, 2, 3, 4]},
        {"tool_id": "long", "left": [1, 2, 3]},
        {"tool_id": "old", "left": [4]},
        {"tool_id": "older", "left": [4]},
    ]
    shorter = replace(work, settings=Settings(data_dir=tmp_path, run_event_days=7))
    assert (await do(shorter, "prune_run_events")).figures == {"runs": 1, "events": 3}


async def test_more_runs_than_one_step_takes(
    database: Database, owner_conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owner_conn.execute(
        """
        insert into public.generation_runs
            (user_id, tool_id, tool_name, operation_type, units, inputs, fingerprint, status, finished_at)
        select 'local', 't', 'A tool', 'tool', 1, '{}', 'x', 'finished', now() - interval '31 days'
          from generate_series(1, 5);
        insert into public.generation_events (run_id, id, user_id, kind)
        select id, 1, user_id, 'started' from public.generation_runs;
        """
    )
    monkeypatch.setattr(maintenance, "RUNS_AT_ONCE", 2)
    assert (await do(work_of(database, tmp_path), "prune_run_events")).figures == {"runs": 5, "events": 5}


async def test_without_the_owner_the_log_says_so(database: Database, owner_conn: Connection, tmp_path: Path) -> None:
    for task in ("vacuum", "roll_recent_index"):
        entry = await do(work_of(database, tmp_path), task)
        assert (entry.outcome, entry.detail) == ("not done", NEEDS_OWNER)
    assert [(entry["outcome"], entry["detail"]) for entry in await rows(owner_conn, LOG)] == [
        ("not done", NEEDS_OWNER)
    ] * 2


async def test_the_owner_vacuums_and_analyses(
    database: Database, owner_conn: Connection, owner_dsn: str, tmp_path: Path
) -> None:
    entry = await do(work_of(database, tmp_path, owner_dsn), "vacuum")
    assert (entry.outcome, entry.figures) == ("done", {"tables": len(vacuum.BUSY)})
    # Statistics of other sessions arrive when these end; the catalog knows at once.
    seen = await rows(
        owner_conn,
        "select c::text as name from unnest(%s::regclass[]) as c where"
        " (select reltuples from pg_class where oid = c) >= 0",
        list(vacuum.BUSY),
    )
    assert len(seen) == len(vacuum.BUSY)


async def test_a_login_that_may_not_vacuum_is_told(database: Database, app_dsn: str, tmp_path: Path) -> None:
    entry = await do(work_of(database, tmp_path, app_dsn), "vacuum")
    assert entry.outcome == "failed"
    assert entry.detail is not None
    assert "generated_content" in entry.detail


async def test_due_is_what_was_not_done_for_its_interval(
    database: Database, owner_conn: Connection, tmp_path: Path, owner_dsn: str
) -> None:
    alone, with_owner = work_of(database, tmp_path), work_of(database, tmp_path, owner_dsn)

    async def names(work: Work) -> list[str]:
        return [task.name for task in await maintenance.due(work.access, TASKS.values())]

    assert await names(alone) == list(TASKS)
    for task in TASKS:
        await do(alone, task)
    assert await names(alone) == []
    assert await names(with_owner) == ["vacuum", "roll_recent_index"]
    await do(with_owner, "vacuum")
    await do(with_owner, "roll_recent_index")
    assert await names(with_owner) == []
    await owner_conn.execute("update private.maintenance_log set started_at = started_at - interval '8 days'")
    assert await names(with_owner) == list(TASKS)
    # The worker leaves another week to cron before it complains.
    assert await names(alone) == [task.name for task in TASKS.values() if not task.needs_owner]
    await owner_conn.execute("update private.maintenance_log set outcome = 'failed', started_at = now()")
    assert await names(alone) == list(TASKS)


async def test_a_task_that_fails_or_is_stopped_is_logged(
    database: Database, owner_conn: Connection, tmp_path: Path
) -> None:
    begun = asyncio.Event()

    async def breaks(work: Work) -> Figures:
        async with work.access.begin() as conn:
            await conn.execute("select 1 / 0")
        return {}

    async def lasts(work: Work) -> Figures:
        begun.set()
        await asyncio.Event().wait()
        return {}

    def made(name: str, run: object) -> Task:
        return Task(name=name, purpose="-", every=TASKS["vacuum"].every, run=run, look=breaks)  # type: ignore[arg-type]

    work = work_of(database, tmp_path)
    broken = await maintenance.run(work, made("breaks", breaks))
    assert broken.outcome == "failed"
    assert "division by zero" in str(broken.detail)
    lasting = asyncio.create_task(maintenance.run(work, made("lasts", lasts)))
    await begun.wait()
    lasting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lasting
    log = await rows(owner_conn, LOG)
    assert [entry["outcome"] for entry in log] == ["failed", "failed"]
    assert log[1]["detail"] == "It was stopped."


async def test_an_entry_of_a_dead_process_ends_with_the_next_run(
    database: Database, owner_conn: Connection, tmp_path: Path
) -> None:
    await owner_conn.execute(
        "insert into private.maintenance_log (task, started_at, run_by) values"
        " ('reset_quotas', now() - interval '7 hours', 'dead 1'), ('reset_quotas', now(), 'alive 2')"
    )
    await do(work_of(database, tmp_path), "reset_quotas")
    assert [entry["outcome"] for entry in await rows(owner_conn, LOG)] == ["failed", "running", "done"]


def test_names_that_there_are_not() -> None:
    with pytest.raises(InvalidInput, match="no task sweep"):
        maintenance.chosen(["vacuum", "sweep"])
    assert [task.name for task in maintenance.chosen(["vacuum", "reset_quotas"])] == ["reset_quotas", "vacuum"]


async def test_strangers_are_refused(database: Database, tmp_path: Path) -> None:
    for actor in (Actor.user("ann"), Actor.visitor("abc")):
        stranger = Work(Access(partial(database.transaction, actor)), Settings(data_dir=tmp_path))
        with pytest.raises(Forbidden):
            await do(stranger, "reset_quotas")


async def test_all_tasks_as_an_ordinary_owner_alone(new_server: EmbeddedPostgres, tmp_path: Path) -> None:
    async with owner(new_server.owner_dsn("postgres")) as conn:
        await conn.execute("create role modest login createrole password 'secret'")
        await conn.execute("create database modest owner modest")
    dsn = make_conninfo(new_server.owner_dsn("modest"), user="modest", password="secret")
    settings = Settings(data_dir=tmp_path, owner_database_url=dsn)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="not up to date"):
        async with open_access(settings):
            pass
    await migrate(dsn)
    async with owner(dsn) as conn:
        await conn.execute(FILL)
        await conn.execute(
            'insert into public.usage_records (user_id, operation_type, "timestamp")'
            " values ('fresh', 'blog', now() - interval '2 years')"
        )
    async with open_access(settings) as access:
        entries = {task: await do(Work(access, settings), task) for task in TASKS}
    assert {entry.outcome for entry in entries.values()} == {"done"}, entries
    assert entries["reset_quotas"].figures == {"quotas": 1}
    assert entries["archive_usage"].figures["rows"] == 1
    # The same with the runtime login, which no BYPASSRLS helps here.
    url = (await create_login(dsn, "modest_app")).url
    settings = Settings(data_dir=tmp_path, owner_database_url=dsn, database_url=url)  # type: ignore[arg-type]
    async with owner(dsn) as conn:
        await conn.execute("update public.user_quotas set period_end = now() - interval '1 day'")
    async with open_access(settings) as access:
        entries = {task: await do(Work(access, settings), task) for task in TASKS}
    assert {entry.outcome for entry in entries.values()} == {"done"}, entries
    assert entries["reset_quotas"].figures["quotas"] >= 2
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with owner(url) as conn:
            await conn.execute("select * from private.maintenance_log")
