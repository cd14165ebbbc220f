"""What each migration costs on a live database: time, and which tables wait for it how long.

    python -m benchmarks.migrations [--rows 1000000] [--from 13] [--to 26]

The documented tables are filled: `--rows` in usage_records and in generated_content, a tenth of it in every other one.
Then the database is adopted, and every later migration taken, undone and taken again by the real runner. Meanwhile
another connection looks every few milliseconds at the locks that the runner holds; it keeps them to the end of its
transaction, so a lock counts from when it was first seen to that end. The time of a migration includes its verify
script and the commit.

"Readers wait" is ACCESS EXCLUSIVE; "writers wait" is every lock that keeps an INSERT or UPDATE out, that one included.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.history import new_server
from blogai.db.adopt.service import adopt
from blogai.db.database import Connection
from blogai.db.migrate import load, migrate, rollback

DOCUMENTED = 12
"""The last migration of the document."""

LOOK_EVERY = 0.005
"""Seconds between two looks at the locks."""

UNSEEN = 0.05
"""Seconds below which a lock is not worth a line."""

FILL = {
    "usage_records": (
        "user_id, operation_type, tokens_used, metadata, timestamp",
        "'u' || i % {users}, 'blog', case when i % 1000 = 0 then -1 else 900 end, '{{}}',"
        " now() - i % 400 * interval '1 day'",
    ),
    "generated_content": (
        "tool_id, tool_name, inputs, title, output, user_hash, created_at",
        "'tool-' || i % 39, 'Tool', '{{}}', 'Piece ' || i, 'Row ' || i || ' word' || i % 5003 ||"
        " repeat(' about bees and what they do all day', 40), md5('u' || i % {users}), now() - i * interval '1 second'",
    ),
    "conversations": (
        "id, messages",
        """'c' || i, to_jsonb(array_fill(repeat('Something that somebody said. ', 10), array[10]))""",
    ),
    "brand_profiles": (
        "id, name, slug, user_hash, is_default",
        "{uuid}, 'Brand', 'brand-' || i, md5('u' || i % {users}), true",
    ),
    "voice_samples": ("profile_id, content", "{uuid}, repeat('A sample of a voice. ', 40)"),
    "voice_fingerprints": ("id, profile_id", "{uuid}, {uuid}"),
    "voice_scores": (
        "profile_id, content_id, overall_score, tone_match, vocabulary_match, style_match",
        "{uuid}, 'c' || i, 1, 1, 1, 1",
    ),
    "users": ("user_id, email, tier", "'u' || i, i || '@example.org', {tier}"),
    "user_quotas": (
        "user_id, tier, period_start, period_end",
        "'u' || i, {tier}, date_trunc('month', now()) - i % 3 * interval '1 month',"
        " date_trunc('month', now()) - (i % 3 - 1) * interval '1 month'",
    ),
    "stripe_customers": ("user_id, customer_id", "'u' || i, 'cus_' || i"),
    "stripe_subscriptions": (
        "subscription_id, user_id, tier, status, current_period_start, current_period_end",
        "'sub_' || i, 'u' || i, 'pro', case when i % 3 = 0 then 'cancelled' else 'active' end,"
        " now() - interval '10 days', now() + interval '20 days'",
    ),
    "payments": (
        "user_id, subscription_id, invoice_id, amount_cents",
        "'u' || i, 'sub_' || i, 'in_' || i - i % 100 / 99, 900",
    ),
    "payment_failures": ("user_id, subscription_id, invoice_id", "'u' || i, 'sub_' || i, 'in_' || i - i % 100 / 99"),
    "templates": ("name, slug, tool_id, category, user_hash", "'T', 't-' || i, 'blog', 'c', md5('u' || i % {users})"),
    "batch_jobs": ("user_id, total_items", "'u' || i, 10"),
    "remix_history": ("user_id, target_format, remixed_content", """'u' || i, 'thread', '{{"text": "x"}}'"""),
    "generated_images": ("user_id, prompt, url, provider, image_type, size", "'u' || i, 'p', 'u', 'x', 'hero', '1x1'"),
}
"""Columns and values of row `i` of each documented table, with what the later rules repair among them."""

LATER = {
    14: {
        "usage_reservations": (
            "user_id, operation_type, units, state, closed_at, settled_units, expires_at",
            "'u' || i, 'blog', 1, 'settled', now(), 1, now()",
        )
    },
    15: {
        "generation_runs": (
            "user_id, tool_id, tool_name, operation_type, units, inputs, fingerprint, status, finished_at",
            "'u' || i, 'blog', 'Blog', 'blog', 1, '{{}}', 'f', 'finished', now()",
        )
    },
}
"""The same for tables of ours, from the migration on that makes them."""

BIG = ("usage_records", "generated_content")

HELD = """
select c.relname, l.mode = 'AccessExclusiveLock'
  from pg_locks as l
  join pg_stat_activity as a on a.pid = l.pid
  join pg_class as c on c.oid = l.relation
 where a.application_name = 'blogai db' and l.granted and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
   and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""


@dataclass
class Held:
    """Since when each table keeps others out, and for how many seconds it did."""

    readers: dict[str, float] = field(default_factory=dict)
    writers: dict[str, float] = field(default_factory=dict)

    def close(self, end: float) -> "Held":
        return Held(*({table: end - since for table, since in held.items()} for held in (self.readers, self.writers)))


@dataclass(frozen=True)
class Cost:
    """What one migration costs; times in seconds."""

    name: str
    up: float
    down: float | None
    again: float | None
    held: Held


async def fill(conn: Connection, tables: dict[str, tuple[str, str]], rows: int) -> None:
    """Rows in these tables, without triggers: they are not what is measured."""
    await conn.execute("set session_replication_role = replica")
    words = {
        "users": str(max(1, rows // 10)),
        "uuid": "md5(i::text)::uuid",
        "tier": "(array['free', 'free', 'free', 'pro'])[1 + i % 4]",
    }
    for table, (columns, values) in tables.items():
        count = rows if table in BIG else rows // 10
        await conn.execute(
            f"insert into public.{table} ({columns}) select {values.format(**words)}"
            f" from generate_series(1, {count}) as i".encode()
        )
        sys.stderr.write(f"{table}: {count:,} rows\n")
    await conn.execute("set session_replication_role = origin")
    await conn.execute("vacuum analyze")
    await conn.execute("checkpoint")


@asynccontextmanager
async def watching(dsn: str) -> AsyncIterator[Held]:
    """Looks at the runner's locks until the end of the block; then the times are how long each was held."""
    held = Held()

    async def look() -> None:
        async with await psycopg.AsyncConnection[Any].connect(dsn, autocommit=True) as conn:
            while True:
                cursor = await conn.execute(HELD)
                now = time.perf_counter()
                for table, exclusive in await cursor.fetchall():
                    held.writers.setdefault(table, now)
                    if exclusive:
                        held.readers.setdefault(table, now)
                await asyncio.sleep(LOOK_EVERY)

    task = asyncio.create_task(look())
    try:
        yield held
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    begin = time.perf_counter()
    await work()
    return time.perf_counter() - begin


async def watched(dsn: str, work: Callable[[], Awaitable[object]]) -> tuple[float, Held]:
    async with watching(dsn) as held:
        await asyncio.sleep(4 * LOOK_EVERY)  # connected
        seconds = await timed(work)
        return seconds, held.close(time.perf_counter())


async def measure(rows: int, first: int, last: int, *, back: bool) -> list[Cost]:
    """Adopts a filled database and takes it through every migration."""
    numbers = [migration.number for migration in load()]
    costs: list[Cost] = []
    with new_server() as server:
        dsn = server.owner_dsn("postgres")
        await migrate(dsn, to=DOCUMENTED)
        async with await psycopg.AsyncConnection[Any].connect(dsn, autocommit=True) as conn:
            await fill(conn, FILL, rows)
            await conn.execute("delete from private.schema_migrations where id > '001'")  # known by its objects alone
        seconds, held = await watched(dsn, lambda: adopt(dsn, agree=lambda report: True))
        costs.append(Cost("adopt", seconds, None, None, held))
        for migration in load():
            number = migration.number
            if number <= DOCUMENTED or number > last:
                continue
            seconds, held = await watched(dsn, lambda number=number: migrate(dsn, to=number))  # type: ignore[misc]
            down = again = None
            if back and number >= first:
                before = numbers[numbers.index(number) - 1]
                down = await timed(lambda before=before: rollback(dsn, before))  # type: ignore[misc]
                again = await timed(lambda number=number: migrate(dsn, to=number))  # type: ignore[misc]
            costs.append(Cost(migration.id, seconds, down, again, held))
            if number in LATER:
                async with await psycopg.AsyncConnection[Any].connect(dsn, autocommit=True) as conn:
                    await fill(conn, LATER[number], rows)
            sys.stderr.write(f"{costs[-1]}\n")
    return costs


def waits(held: dict[str, float]) -> str:
    """The tables with the longest waits first."""
    long = sorted(((seconds, table) for table, seconds in held.items() if seconds >= UNSEEN), reverse=True)
    return ", ".join(f"{table} {seconds:.1f}" for seconds, table in long) or "-"


def show(costs: list[Cost], rows: int) -> None:
    title = f"Seconds, with {rows:,} rows in {' and '.join(BIG)}, {rows // 10:,} in every other documented table"
    table = Table("Migration", "Up", "Down", "Up again", "Readers wait", "Writers wait", title=title)
    for cost in costs:
        times = ["" if seconds is None else f"{seconds:.1f}" for seconds in (cost.up, cost.down, cost.again)]
        table.add_row(cost.name, *times, waits(cost.held.readers), waits(cost.held.writers))
    Console(width=180).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first that is also undone and repeated")
    parser.add_argument("--to", dest="last", type=int, default=999, help="the last to take")
    parser.add_argument("--up-only", action="store_true", help="undo nothing")
    given = parser.parse_args()
    show(asyncio.run(measure(given.rows, given.first, given.last, back=not given.up_only)), given.rows)


if __name__ == "__main__":
    main()
