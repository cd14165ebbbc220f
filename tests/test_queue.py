"""Jobs commit with the rows that they are about, and a worker runs them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from procrastinate import Blueprint, JobContext, PsycopgConnector
from procrastinate.manager import JobManager

from blogai import errors
from blogai.db import queue_schema
from blogai.db.database import Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.startup import prepare_embedded
from blogai.queue import JobOptions, build, defer, work

ALICE = Actor.user("alice")

UNTIL_NOTHING_WAITS = """
do $$
begin
    for attempt in 1..600 loop
        exit when not exists (select from queue.procrastinate_jobs where status in ('todo', 'doing'));
        perform pg_sleep(0.02);
    end loop;
end
$$
"""
"""Ends when every job is done; a task tells that it ran a moment before its job counts as done."""

UNTIL_SOMEBODY_LISTENS = """
do $$
begin
    for attempt in 1..600 loop
        perform pg_stat_clear_snapshot();
        exit when exists (select from pg_stat_activity
                           where datname = current_database() and state = 'idle' and query ilike 'listen %');
        perform pg_sleep(0.02);
    end loop;
end
$$
"""


@pytest.fixture(autouse=True)
async def _queue(owner_conn: Connection) -> None:
    await queue_schema.install(owner_conn)
    await owner_conn.execute("create table public.notes (body text)")
    await owner_conn.execute("grant insert, select on public.notes to authenticated")


async def jobs(conn: Connection) -> list[tuple[Any, ...]]:
    cursor = await conn.execute(
        "select task_name, args, status::text from queue.procrastinate_jobs where task_name like 'notes:%' order by id"
    )
    return await cursor.fetchall()


@asynccontextmanager
async def working(
    dsn: str, *blueprints: Blueprint, context: dict[str, Any] | None = None, poll: float = 5.0
) -> AsyncIterator[None]:
    """A worker beside the block."""
    worker = asyncio.create_task(work(dsn, blueprints, context=context, poll=poll))
    try:
        yield
    finally:
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker


async def test_rolled_back_with_its_row(database: Database, owner_conn: Connection) -> None:
    async def change_my_mind() -> None:
        async with database.transaction(ALICE) as conn:
            await conn.execute("insert into public.notes values ('lost')")
            await defer(conn, "notes:print", body="lost")
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_my_mind()
    assert await jobs(owner_conn) == []


async def test_committed_with_its_row_and_run_by_a_worker(
    database: Database, app_dsn: str, owner_conn: Connection
) -> None:
    tasks = Blueprint()
    ran: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    @tasks.task(name="notes:print", pass_context=True)
    async def print_note(context: JobContext, body: str) -> None:
        await ran.put((context.additional_context["colour"], body))

    async with database.transaction(ALICE) as conn:
        await conn.execute("insert into public.notes values ('kept')")
        await defer(conn, "notes:print", body="kept")
    assert await jobs(owner_conn) == [("notes:print", {"body": "kept"}, "todo")]
    async with working(app_dsn, tasks, context={"colour": "green"}, poll=600):
        assert await asyncio.wait_for(ran.get(), 20) == ("green", "kept")
        # The worker listens: a job that comes while it waits starts at once, not at the next poll.
        await owner_conn.execute(UNTIL_SOMEBODY_LISTENS)
        async with database.transaction(ALICE) as conn:
            await defer(conn, "notes:print", body="live")
        assert await asyncio.wait_for(ran.get(), 20) == ("green", "live")
    assert await jobs(owner_conn) == []


async def test_the_caller_stays_who_it_was(database: Database) -> None:
    settings = "select current_user, current_setting('request.jwt.claims'), current_setting('search_path')"
    async with database.transaction(ALICE) as conn:
        before = await (await conn.execute(settings)).fetchone()
        await defer(conn, "notes:print", body="x")
        assert await (await conn.execute(settings)).fetchone() == before


async def test_one_waiting_job_per_queueing_lock(database: Database, owner_conn: Connection) -> None:
    once = JobOptions(queueing_lock="tidy", schedule_at=datetime.now(UTC) + timedelta(days=1))
    async with database.transaction(ALICE) as conn:
        await defer(conn, "notes:tidy", once)
        with pytest.raises(errors.Conflict, match="notes:tidy waits already"):
            await defer(conn, "notes:tidy", once)
        await conn.execute("insert into public.notes values ('goes on')")
    assert [name for name, _, _ in await jobs(owner_conn)] == ["notes:tidy"]
    cursor = await owner_conn.execute("select body from public.notes")
    assert await cursor.fetchall() == [("goes on",)]


async def test_failing_task_is_marked_failed(database: Database, app_dsn: str, owner_conn: Connection) -> None:
    tasks = Blueprint()

    @tasks.task(name="notes:burn")
    async def burn() -> None:
        raise ValueError("too hot")

    async with database.transaction(ALICE) as conn:
        await defer(conn, "notes:burn")
    await work(app_dsn, [tasks], wait=False)
    assert await jobs(owner_conn) == [("notes:burn", {}, "failed")]


async def test_jobs_of_a_dead_worker_are_taken_over(database: Database, app_dsn: str, owner_conn: Connection) -> None:
    tasks = Blueprint()
    ran: list[int] = []

    @tasks.task(name="notes:count")
    async def count(n: int) -> None:
        ran.append(n)

    async with database.transaction(ALICE) as conn:
        await defer(conn, "notes:count", n=7)
    # What a killed worker leaves behind.
    await owner_conn.execute(
        "with dead as (insert into queue.procrastinate_workers (last_heartbeat)"
        " values (now() - interval '5 minutes') returning id)"
        " update queue.procrastinate_jobs set status = 'doing', worker_id = (select id from dead)"
    )
    async with database.transaction(Actor.service()) as conn:
        await defer(conn, "queue:take_over", timestamp=0)
    await work(app_dsn, [tasks], wait=False)
    assert ran == [7]


async def test_a_blueprint_serves_several_apps(app_dsn: str) -> None:
    tasks = Blueprint()

    @tasks.periodic(cron="0 * * * *")
    @tasks.task(name="notes:hourly")
    async def hourly(timestamp: int) -> None: ...

    first, second = build(app_dsn, [tasks]), build(app_dsn, [tasks])
    assert first.tasks["notes:hourly"] is not second.tasks["notes:hourly"]
    assert ("notes:hourly", "") in second.periodic_registry.periodic_tasks
    with pytest.raises(ValueError, match="two tasks are named notes:hourly"):
        build(app_dsn, [tasks, tasks])


@pytest.mark.parametrize("actor", [ALICE, Actor.visitor("abc"), Actor(role="anon")])
@pytest.mark.parametrize(
    "statement",
    [
        "select * from queue.procrastinate_jobs",
        "insert into queue.procrastinate_jobs (task_name, queue_name) values ('notes:print', 'default')",
        "delete from queue.procrastinate_jobs",
        "select queue.procrastinate_register_worker_v1()",
        "select * from queue.blogai_migrations",
    ],
)
async def test_users_and_visitors_are_refused(database: Database, actor: Actor, statement: str) -> None:
    with pytest.raises(errors.Forbidden):
        async with database.transaction(actor) as conn:
            await conn.execute(statement)


async def test_nothing_in_the_queue_is_open_to_users(owner_conn: Connection) -> None:
    cursor = await owner_conn.execute(
        "select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'queue'::regnamespace"
        " and (has_function_privilege('anon', p.oid, 'execute')"
        " or has_function_privilege('authenticated', p.oid, 'execute'))"
        " union all select c.oid::regclass::text from pg_class c where c.relnamespace = 'queue'::regnamespace"
        " and c.relkind in ('r', 'p', 'v') and (has_table_privilege('anon', c.oid, 'select, insert, update, delete')"
        " or has_table_privilege('authenticated', c.oid, 'select, insert, update, delete'))"
    )
    assert await cursor.fetchall() == []


async def test_service_role_cannot_touch_the_record(database: Database) -> None:
    with pytest.raises(errors.Forbidden):
        async with database.transaction(Actor.service()) as conn:
            await conn.execute("delete from queue.blogai_migrations")


async def test_without_a_transaction_a_savepoint_is_enough(app_dsn: str, owner_conn: Connection) -> None:
    async with await psycopg.AsyncConnection[Any].connect(app_dsn, autocommit=True) as conn:
        await defer(conn, "notes:print", body="alone")
    assert len(await jobs(owner_conn)) == 1


@pytest.mark.parametrize(("place", "name"), [(PsycopgConnector, "open_async"), (JobManager, "register_worker")])
async def test_a_worker_stops_when_the_pool_swallows_its_cancellation(
    app_dsn: str, monkeypatch: pytest.MonkeyPatch, place: type, name: str
) -> None:
    original = getattr(place, name)
    there, over = asyncio.Event(), asyncio.Event()

    async def deaf(*args: Any, **kwargs: Any) -> Any:
        there.set()
        with suppress(asyncio.CancelledError):  # as asyncio.wait_for does before Python 3.12, when both come together
            await over.wait()
        return await original(*args, **kwargs)

    monkeypatch.setattr(place, name, deaf)
    working = asyncio.create_task(work(app_dsn, [Blueprint()]))
    await there.wait()
    working.cancel()
    await asyncio.sleep(0)
    over.set()
    done, _ = await asyncio.wait((working,), timeout=30)
    assert done, "it works on"
    assert working.cancelled()


async def test_a_worker_outlives_an_outage(new_server: EmbeddedPostgres) -> None:
    tasks = Blueprint()
    ran: asyncio.Queue[int] = asyncio.Queue()

    @tasks.task(name="notes:count")
    async def count(n: int) -> None:
        await ran.put(n)

    async def ask(n: int) -> None:
        async with await psycopg.AsyncConnection[Any].connect(new_server.app_dsn(), autocommit=True) as conn:
            await defer(conn, "notes:count", n=n)

    await prepare_embedded(new_server)
    async with working(new_server.app_dsn(), tasks):
        await ask(1)
        assert await asyncio.wait_for(ran.get(), 20) == 1
        async with await psycopg.AsyncConnection[Any].connect(new_server.owner_dsn(), autocommit=True) as conn:
            await conn.execute(UNTIL_NOTHING_WAITS)
        await asyncio.to_thread(new_server.stop)
        await asyncio.to_thread(new_server.start)
        await ask(2)
        assert await asyncio.wait_for(ran.get(), 40) == 2
