"""Twelve starts at once apply each file once, and one that dies leaves no lock behind."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
from tests.conftest import Server
from tests.db.connecting import owner
from tests.db.folders import Folder

import blogai
from blogai.db.database import Connection
from blogai.db.migrate import load, migrate

STARTS = 12

MIGRATE = """
import asyncio, sys
from pathlib import Path
from blogai.db.migrate import migrate
dsn, folder = sys.argv[1:]
asyncio.run(migrate(dsn, **({"folder": Path(folder)} if folder else {})))
"""

SLEEPING = "select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
"""The runner in the middle of its second file."""

WAIT_FOR_SLEEP = f"""
do $$
begin
    for attempt in 1..600 loop
        perform pg_stat_clear_snapshot();
        exit when exists ({SLEEPING} and pid <> pg_backend_pid());
        perform pg_sleep(0.05);
    end loop;
end
$$
"""


async def start(dsn: str, folder: str = "") -> asyncio.subprocess.Process:
    source = str(Path(blogai.__file__).parents[1])
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", MIGRATE, dsn, folder, env={**os.environ, "PYTHONPATH": source}
    )


async def history(conn: Connection) -> list[str]:
    cursor = await conn.execute("select id from private.schema_migrations order by id")
    return [migration_id for (migration_id,) in await cursor.fetchall()]


async def test_twelve_connections(blank_dsn: str, blank: Connection) -> None:
    applied = await asyncio.gather(*(migrate(blank_dsn) for _ in range(STARTS)))
    everything = [migration.id for migration in load()]
    assert sorted(applied, key=len)[-1] == everything
    assert sum(map(len, applied)) == len(everything)
    assert await history(blank) == everything


async def test_twelve_processes(servers: Callable[[str], Server], folder: Folder) -> None:
    """On the embedded server alone: twelve interpreters take some seconds to start."""
    server = servers("embedded")
    name = server.create(migrated=False)
    dsn = server.postgres.owner_dsn(name)
    folder.add(
        "003_count",
        "create table runs (at timestamptz default clock_timestamp()); insert into runs default values;",
        "drop table runs;",
    )
    processes = [await start(dsn, str(folder.path)) for _ in range(STARTS)]
    assert [await process.wait() for process in processes] == [0] * STARTS
    async with owner(dsn) as conn:
        assert await history(conn) == ["000_first", "001_second", "002_third", "003_count"]
        cursor = await conn.execute("select count(*) from runs")
        assert await cursor.fetchone() == (1,)
    server.drop(name)


async def test_killed_runner_leaves_neither_lock_nor_half_a_migration(
    blank_dsn: str, blank: Connection, folder: Folder
) -> None:
    folder.write("001_second.sql", "create table second (id integer);\nselect pg_sleep(60);\n")
    process = await start(blank_dsn, str(folder.path))
    await blank.execute(WAIT_FOR_SLEEP)
    cursor = await blank.execute(SLEEPING)
    sleeping = await cursor.fetchone()
    assert sleeping
    process.send_signal(signal.SIGKILL)
    await process.wait()
    # A server notices a dead client at the next write; a real one does so when the statement ends.
    await blank.execute("select pg_terminate_backend(%s, 5000)", [sleeping[0]])
    folder.table("001_second", "second")
    assert await migrate(blank_dsn, folder=folder.path) == ["001_second", "002_third"]


async def test_two_databases_of_one_server(blank_dsn: str, owner_dsn: str) -> None:
    """Locks are per database: one that migrates does not hold up another."""
    from blogai.db.migrate import Limits
    from blogai.db.session import session

    async with session(owner_dsn, Limits()):
        assert await migrate(blank_dsn, to=0, limits=Limits(runner=0.05)) == ["000_prepare_server"]
    async with await psycopg.AsyncConnection.connect(blank_dsn) as conn:
        assert await history(conn) == ["000_prepare_server"]
