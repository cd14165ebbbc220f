"""Calls of the functions that take, settle and give back units, as the program makes them."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.db.quotas import Quotas

from blogai.db.database import Connection


async def reserve(conn: Connection, user_id: str = "ann", units: int = 1, key: str | None = None) -> dict[str, Any]:
    """What reserve_usage answers."""
    return await _answer(
        conn, "select * from public.reserve_usage(%s, 'book', %s, interval '5 minutes', %s)", user_id, units, key
    )


async def settle(conn: Connection, reservation_id: UUID, units: int | None = None, tokens: int = 10) -> bool:
    found = await _answer(
        conn,
        "select public.settle_usage(%s, %s, %s, %s::jsonb) as done",
        reservation_id,
        units,
        tokens,
        '{"run": "r"}',
    )
    return bool(found["done"])


async def release(conn: Connection, reservation_id: UUID) -> bool:
    return bool((await _answer(conn, "select public.release_usage(%s) as done", reservation_id))["done"])


async def sweep(conn: Connection) -> int:
    return int((await _answer(conn, "select public.sweep_reservations() as n"))["n"])


async def expire(owner: Connection) -> None:
    """Makes every reservation one whose time is over: the clock stays as it is."""
    await owner.execute("update public.usage_reservations set expires_at = now() - interval '1 second'")


async def used(quotas: Quotas, user_id: str = "ann") -> tuple[int, int, int]:
    """Units of the month and of the day, and tokens."""
    row = await quotas.row(user_id)
    return row["month_used"], row["day_used"], row["tokens"]


async def refused(awaitable: Awaitable[Any]) -> str | None:
    """The SQLSTATE with which it fails."""
    with pytest.raises(psycopg.DatabaseError) as caught:
        await awaitable
    return caught.value.sqlstate


async def _answer(conn: Connection, statement: str, *arguments: Any) -> dict[str, Any]:
    async with conn.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        await cursor.execute(statement.encode(), arguments)
        row = await cursor.fetchone()
    assert row is not None
    return row
