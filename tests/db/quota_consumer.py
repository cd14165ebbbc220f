"""A process to be killed: reserves, settles and releases without end. Arguments: DSN, connections."""

import asyncio
import random
import sys
from typing import Any

import psycopg


async def consume(dsn: str) -> None:
    async with await psycopg.AsyncConnection[Any].connect(dsn, autocommit=True) as conn:
        await conn.execute("set role service_role")
        while True:
            user = f"user{random.randrange(4)}"
            try:
                cursor = await conn.execute(
                    "select reservation_id from public.reserve_usage(%s, 'book', %s, interval '200 milliseconds')",
                    [user, random.randint(1, 3)],
                )
            except psycopg.DatabaseError as exc:
                if exc.sqlstate != "ZQUOT":
                    raise
                await conn.execute("select public.increment_user_usage(%s, 'tool', 1)", [user])
                continue
            row: Any = await cursor.fetchone()
            match random.randrange(4):
                case 0:
                    await conn.execute("select public.release_usage(%s)", [row[0]])
                case 1:
                    await conn.execute("select public.settle_usage(%s, 1, 3)", [row[0]])
                case 2:
                    await conn.execute("select public.settle_usage(%s, null, 3)", [row[0]])
                case _:
                    pass  # forgotten: the sweep's work


async def main(dsn: str, connections: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(consume(dsn))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
