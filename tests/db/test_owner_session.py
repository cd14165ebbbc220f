"""What the owner's commands say when something happens on their connection."""

import asyncio

import pytest

from blogai.db.database import Connection
from blogai.db.session import connection, run
from blogai.errors import MigrationError

LOCK = "lock table public.{} in access exclusive mode"


async def test_who_waits_too_long_is_told_that_others_are_at_work(owner_dsn: str, owner_conn: Connection) -> None:
    async def waiting() -> None:
        async with connection(owner_dsn) as conn, conn.transaction():
            await conn.execute("set local lock_timeout = '50ms'")
            await conn.execute(LOCK.format("templates").encode())

    async with owner_conn.transaction():
        await owner_conn.execute(LOCK.format("templates").encode())
        with pytest.raises(MigrationError) as refusal:
            await waiting()
    assert "55P03" in refusal.value.message
    assert "connection" not in refusal.value.message
    assert "Others" in str(refusal.value.remedy)


@pytest.mark.parametrize("in_script", [False, True])
async def test_a_deadlock_is_no_broken_connection(owner_dsn: str, owner_conn: Connection, in_script: bool) -> None:
    async def crossing() -> None:
        async with connection(owner_dsn) as conn, conn.transaction():
            await conn.execute("set local deadlock_timeout = '100ms'")
            await conn.execute(LOCK.format("users").encode())
            held.set()
            last = LOCK.format("templates")
            await (run(conn, "last.sql", last) if in_script else conn.execute(last.encode()))

    held = asyncio.Event()
    async with owner_conn.transaction():
        await owner_conn.execute("set local deadlock_timeout = '1min'")  # the other one is ended
        await owner_conn.execute(LOCK.format("templates").encode())
        other = asyncio.create_task(crossing())
        await held.wait()
        await owner_conn.execute(LOCK.format("users").encode())
        with pytest.raises(MigrationError) as refusal:
            await other
    assert "40P01" in refusal.value.message
    assert ("last.sql" in refusal.value.message) is in_script
    assert "connection" not in refusal.value.message
    assert "Others" in str(refusal.value.remedy)


async def test_a_connection_that_is_ended_is_called_broken(owner_dsn: str, owner_conn: Connection) -> None:
    async def ended() -> None:
        async with connection(owner_dsn) as conn:
            await owner_conn.execute("select pg_terminate_backend(%s, 5000)", [conn.info.backend_pid])
            await conn.execute("select 1")

    with pytest.raises(MigrationError, match="connection to the database broke"):
        await ended()
