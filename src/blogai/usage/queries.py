"""The statements of metering. The rules are in the functions of migrations 014 and 030; docs/database.md tells them."""

from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from blogai.db.database import Connection
from blogai.usage.models import Reservation, Usage, UsageOfType

Row = TypeVar("Row")


async def reserve(
    conn: Connection, user_id: str, operation_type: str, units: int, expires_in: timedelta, idempotency_key: str | None
) -> Reservation:
    async with conn.cursor(row_factory=class_row(Reservation)) as cursor:
        await cursor.execute(
            """
            select reservation_id as id, state, units, expires_at, replayed
              from public.reserve_usage(%s::text, %s::text, %s::integer, %s::interval, %s::text)
            """,
            [user_id, operation_type, units, expires_in, idempotency_key],
        )
        return await _one(cursor)


async def settle(
    conn: Connection, reservation_id: UUID, units: int | None, tokens: int, metadata: dict[str, Any] | None
) -> bool:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "select public.settle_usage(%s::uuid, %s::integer, %s::integer, %s::jsonb)",
            [reservation_id, units, tokens, None if metadata is None else Jsonb(metadata)],
        )
        return bool(await _one(cursor))


async def release(conn: Connection, reservation_id: UUID) -> bool:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("select public.release_usage(%s::uuid)", [reservation_id])
        return bool(await _one(cursor))


async def sweep(conn: Connection) -> int:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("select public.sweep_reservations()")
        return int(await _one(cursor))


async def usage(conn: Connection) -> Usage:
    """Of the caller, whom the claims name."""
    async with conn.cursor(row_factory=class_row(Usage)) as cursor:
        await cursor.execute(
            """
            select c.tier,
                   c.current_usage as month_used,
                   c.monthly_limit as month_limit,
                   c.daily_usage as day_used,
                   c.daily_limit as day_limit,
                   case when c.monthly_limit < 0 and c.daily_limit < 0 then -1
                        else greatest(0, least(
                            case when c.monthly_limit >= 0 then c.monthly_limit - c.current_usage end,
                            case when c.daily_limit >= 0 then c.daily_limit - c.daily_usage end)) end as remaining,
                   m.tokens_used as month_tokens,
                   m.period_start,
                   m.period_end as resets_at,
                   date_trunc('day', now(), 'UTC') + interval '24 hours' as day_resets_at
              from public.check_quota_available(private.caller_id()) as c
             cross join public.get_current_month_usage(private.caller_id()) as m
            """
        )
        return await _one(cursor)


async def breakdown(conn: Connection, start: datetime | None, end: datetime | None) -> list[UsageOfType]:
    """Of the caller, whom the claims name."""
    async with conn.cursor(row_factory=class_row(UsageOfType)) as cursor:
        await cursor.execute(
            """
            select operation_type, operation_count as units, tokens_used as tokens
              from public.get_usage_breakdown(private.caller_id(), %s::timestamptz, %s::timestamptz)
            """,
            [start, end],
        )
        return await cursor.fetchall()


async def _one(cursor: AsyncCursor[Row]) -> Row:
    row = await cursor.fetchone()
    assert row is not None, "a function call gives one row"
    return row
