"""Users in a given state, and the proof that their counters are right."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
from tests.db.locks import blocked

from blogai.db.database import Connection

LIMITS = {"free": (5, 2), "starter": (50, 10), "pro": (200, 50), "business": (1000, -1)}
"""Monthly and daily, as the document lists them."""


class Quotas:
    """Sets users up as the owner and looks at them."""

    def __init__(self, owner: Connection, app_dsn: str) -> None:
        self.owner = owner
        self.app_dsn = app_dsn

    async def user(self, user_id: str, tier: str = "free", *, used_today: int = 0, used_before: int = 0) -> None:
        """A user with a log: units of today, and units of this period from another day.

        The period is made to begin 20 days ago, so that there is another day in it whatever today is.
        """
        await self.owner.execute(
            """
            insert into public.user_quotas (user_id, tier, period_start, period_end)
            values (%s, %s, date_trunc('day', now(), 'UTC') - interval '240 hours',
                    date_trunc('day', now(), 'UTC') + interval '480 hours')
            """,
            [user_id, tier],
        )
        for count, moment in ((used_today, "now()"), (used_before, "now() - interval '72 hours'")):
            await self.owner.execute(
                'insert into public.usage_records (user_id, operation_type, tokens_used, "timestamp")'
                f" select %s, 'blog', 3, {moment} from generate_series(1, %s)",
                [user_id, count],
            )
        await self.owner.execute("select private.recount_usage(%s)", [user_id])

    async def age(self, user_id: str, by: str) -> None:
        """Moves everything that the user did, and the windows, into the past: the clock stays as it is."""
        await self.owner.execute(
            "update public.user_quotas set period_start = period_start - %(by)s::interval,"
            " period_end = period_end - %(by)s::interval, day_start = (day_start - %(by)s::interval)::date"
            " where user_id = %(user)s",
            {"by": by, "user": user_id},
        )
        await self.owner.execute(
            'update public.usage_records set "timestamp" = "timestamp" - %s::interval where user_id = %s', [by, user_id]
        )
        await self.owner.execute(
            "update public.usage_reservations set reserved_at = reserved_at - %s::interval where user_id = %s",
            [by, user_id],
        )

    async def row(self, user_id: str) -> dict[str, Any]:
        """The quota row, with the tokens of its window."""
        return await self.one(
            "select q.*, u.tokens_used as tokens"
            "  from public.user_quotas as q cross join lateral public.get_current_month_usage(q.user_id) as u"
            " where q.user_id = %s",
            user_id,
        )

    async def logged(self, user_id: str) -> int:
        found = await self.one("select count(*) as n from public.usage_records where user_id = %s", user_id)
        return int(found["n"])

    async def differences(self) -> list[dict[str, Any]]:
        """Where counters and log do not agree; must be empty."""
        async with self.owner.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            await cursor.execute(
                "select * from private.usage_reconciliation where month_difference <> 0 or day_difference <> 0"
            )
            return await cursor.fetchall()

    async def one(self, statement: str, *arguments: Any, **named: Any) -> dict[str, Any]:
        async with self.owner.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            await cursor.execute(statement.encode(), named or arguments)
            row = await cursor.fetchone()
        assert row is not None
        return row

    async def blocked(self, *conns: Connection) -> None:
        """Returns once each of these connections waits for a lock that somebody else holds."""
        await blocked(self.owner, *conns)

    async def alone(self) -> None:
        """Returns once every other client of this database is gone.

        The server's side of a killed client ends its statement first, and gives up its locks last.
        """
        others = (
            "select count(*) as n from pg_stat_activity"
            " where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        while (await self.one(others))["n"]:
            pass

    async def _connected(self) -> Connection:
        """A new connection; 64 of the last test may have ended and keep their places for a moment on a busy machine."""
        async with asyncio.timeout(20):
            while True:
                try:
                    return await psycopg.AsyncConnection[Any].connect(self.app_dsn, autocommit=True)
                except psycopg.OperationalError as error:
                    if "connection slots" not in str(error) and "too many clients" not in str(error):
                        raise
                    await asyncio.sleep(0.05)

    @asynccontextmanager
    async def consumers(self, count: int) -> AsyncIterator[list[Connection]]:
        """Connections of the runtime login as service role, in autocommit mode."""
        async with AsyncExitStack() as stack:
            opened = []
            for _ in range(count):
                conn = await self._connected()
                await stack.enter_async_context(conn)
                await conn.execute("set role service_role")
                opened.append(conn)
            yield opened
