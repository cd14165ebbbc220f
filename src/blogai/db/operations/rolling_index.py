"""Keeps the partial index of recent usage small: its bound follows the months.

The predicate of an index must be immutable, so the bound is a date. A new index is built beside the old one without
blocking writers, then the names change in one short transaction. A process that dies in between leaves an index
of another name, which the next run drops.
"""

from datetime import UTC, datetime

from psycopg import sql

from blogai.db.database import Connection
from blogai.errors import Conflict

INDEX = "idx_usage_records_recent"
NEW, OLD = f"{INDEX}_new", f"{INDEX}_old"
MONTHS = 3
"""Months before the current one that the index covers: more than the longest billing window and a look back."""

LOCK = 0x426C6F67_41490004
"""The advisory lock of whoever rebuilds it: "BlogAI" and 4."""

_LOOK = """
select (regexp_match(pg_get_expr(i.indpred, i.indrelid), '>= ''([^'']+)'''))[1]::timestamptz
  from pg_catalog.pg_index as i
 where i.indexrelid = to_regclass(%s) and i.indisvalid
"""


def target(moment: datetime) -> datetime:
    """The bound that fits a moment: the first of a month in UTC."""
    months = moment.year * 12 + moment.month - 1 - MONTHS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


async def bound(conn: Connection, index: str = INDEX) -> datetime | None:
    """From when on the index covers the records; None when it is not there, not valid, or has no bound."""
    cursor = await conn.execute(_LOOK, [f"public.{index}"])
    row = await cursor.fetchone()
    return row[0] if row else None


async def is_due(conn: Connection, moment: datetime) -> bool:
    """Whether the bound is too old, or the index is not there."""
    now = await bound(conn)
    return now is None or now < target(moment)


async def roll(conn: Connection, moment: datetime | None = None) -> dict[str, int]:
    """Rebuilds the index with the bound of this month, if it has an older one.

    Args:
        conn: the owner's, in autocommit mode.
        moment: when it is; now by default.

    Raises:
        Conflict: another process is at it.
    """
    moment = moment or datetime.now(UTC)
    # Not waiting: CREATE INDEX CONCURRENTLY waits for whoever waits for us.
    cursor = await conn.execute("select pg_try_advisory_lock(%s)", [LOCK])
    if await cursor.fetchone() != (True,):
        raise Conflict("Another process rebuilds the index.", remedy="Wait for it.")
    try:
        await conn.execute("set statement_timeout = 0")
        await conn.execute("set lock_timeout = 0")
        await _drop(conn, NEW)
        await _drop(conn, OLD)
        if not await is_due(conn, moment):
            return {"rebuilt": 0}
        await conn.execute(
            sql.SQL(
                'create index concurrently {} on public.usage_records (user_id, "timestamp")'
                ' where "timestamp" >= {}::timestamptz'
            ).format(sql.Identifier(NEW), sql.Literal(target(moment).isoformat()))
        )
        await swap(conn)
        await _drop(conn, OLD)
        return {"rebuilt": 1}
    finally:
        await conn.execute("select pg_advisory_unlock(%s)", [LOCK])


async def swap(conn: Connection) -> None:
    """The new index takes the name of the old one."""
    async with conn.transaction():
        await conn.execute("set local lock_timeout = '5s'")
        await conn.execute(
            sql.SQL("alter index if exists public.{} rename to {}").format(sql.Identifier(INDEX), sql.Identifier(OLD))
        )
        await conn.execute(
            sql.SQL("alter index public.{} rename to {}").format(sql.Identifier(NEW), sql.Identifier(INDEX))
        )


async def _drop(conn: Connection, name: str) -> None:
    await conn.execute(sql.SQL("drop index concurrently if exists public.{}").format(sql.Identifier(name)))
