"""Who waits for whom."""

import asyncio

from psycopg.rows import scalar_row

from blogai.db.database import Connection

_SOMEBODY = (
    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
)


async def somebody_waits(conn: Connection) -> None:
    """Returns once another connection to this database waits for a lock, or raises TimeoutError."""
    async with asyncio.timeout(30):
        while True:
            # in a transaction the first look would stay the only one
            await conn.execute("select pg_stat_clear_snapshot()")
            cursor = await conn.execute(_SOMEBODY)
            if await cursor.fetchone() == (True,):
                return
            await asyncio.sleep(0.01)


async def blocked(observer: Connection, *conns: Connection) -> None:
    """Returns once each of these connections waits for a lock that somebody else holds, or raises TimeoutError."""
    async with asyncio.timeout(20):
        for conn in conns:
            waiting = False
            while not waiting:
                async with observer.cursor(row_factory=scalar_row) as cursor:
                    await cursor.execute("select cardinality(pg_blocking_pids(%s)) > 0", [conn.info.backend_pid])
                    waiting = bool(await cursor.fetchone())
