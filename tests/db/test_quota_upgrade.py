"""A database that ran without counters gets them from its log."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from blogai.db.database import Connection
from blogai.db.migrate import migrate, rollback

BEFORE = 13


async def rows(conn: Connection, statement: str) -> list[Any]:
    cursor = await conn.execute(statement.encode())
    return await cursor.fetchall()


@pytest.fixture
async def legacy(owner_dsn: str, owner_conn: Connection) -> Connection:
    """A database as the document has it: the counters are undone and rows are written in the old ways."""
    await rollback(owner_dsn, to=BEFORE)
    await owner_conn.execute(
        """
        insert into public.user_quotas (user_id, tier, period_start, period_end) values
            ('open', 'starter', now() - interval '48 hours', now() + interval '240 hours'),
            ('ended', 'free', now() - interval '95 days', now() - interval '65 days'),
            ('paid', 'pro', '2025-01-31 12:00+00', '2025-02-28 12:00+00'),
            ('idle', 'free', date_trunc('month', now()), date_trunc('month', now()) + interval '1 month');
        insert into public.usage_records (user_id, operation_type, tokens_used, "timestamp", metadata)
        select 'open', 'blog', 10, now() - n * interval '24 hours', null from generate_series(0, 3) as n;
        insert into public.usage_records (user_id, operation_type, tokens_used, "timestamp", metadata)
        select 'ended', 'blog', 10, moment, null from unnest(array[now() - interval '70 days', now()]) as moment;
        insert into public.usage_records (user_id, operation_type, tokens_used, metadata)
        values ('open', 'tool', -4, '{"a": 1}'), ('nobody', 'tool', 5, null);
        """
    )
    return owner_conn


async def test_counters_come_from_the_log(legacy: Connection, owner_dsn: str) -> None:
    count = "select count(*) from public.usage_records"
    before = await rows(legacy, count)
    await migrate(owner_dsn)
    assert await rows(legacy, count) == before
    found = {
        row[0]: row[1:]
        for row in await rows(
            legacy,
            "select user_id, month_used, tokens_used, day_used"
            "  from public.user_quotas cross join lateral public.get_current_month_usage(user_id)"
            " where user_id <> 'local'",
        )
    }
    assert found == {"open": (4, 30, 2), "ended": (1, 10, 1), "paid": (0, 0, 0), "idle": (0, 0, 0)}
    assert await rows(legacy, "select * from private.usage_reconciliation where month_difference <> 0") == []


async def test_ended_windows_are_rolled(legacy: Connection, owner_dsn: str) -> None:
    await migrate(owner_dsn)
    assert await rows(legacy, "select user_id from public.user_quotas where period_end <= now()") == []
    [(start, anchor)] = await rows(
        legacy, "select period_start, billing_anchor from public.user_quotas where user_id = 'paid'"
    )
    assert anchor == datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert (start.hour, start.minute) == (12, 0)
    assert start.day >= 28


async def test_negative_tokens_are_kept_in_the_metadata(legacy: Connection, owner_dsn: str) -> None:
    await migrate(owner_dsn)
    assert await rows(legacy, "select tokens_used, metadata from public.usage_records where metadata is not null") == [
        (0, {"a": 1, "tokens_used_before": -4})
    ]


async def test_the_columns_are_added_without_rewriting_the_table(legacy: Connection, owner_dsn: str) -> None:
    file_of = "select pg_relation_filenode('public.user_quotas'), pg_relation_filenode('public.usage_records')"
    before = await rows(legacy, file_of)
    await migrate(owner_dsn)
    assert await rows(legacy, file_of) == before


async def test_going_back_keeps_the_log_and_the_old_behaviour(legacy: Connection, owner_dsn: str) -> None:
    await migrate(owner_dsn)
    await legacy.execute("select public.reserve_usage('idle', 'blog')")
    count = "select count(*) from public.usage_records"
    before = await rows(legacy, count)
    await rollback(owner_dsn, to=BEFORE)
    assert await rows(legacy, count) == before
    with pytest.raises(psycopg.errors.UndefinedFunction):
        await legacy.execute("select public.reserve_usage('idle', 'blog')")
    for _ in range(3):
        cursor = await legacy.execute("select success from public.increment_user_usage('idle', 'blog')")
        assert await cursor.fetchone() == (True,)
    await migrate(owner_dsn)
    assert await rows(legacy, "select month_used, day_used from public.user_quotas where user_id = 'idle'") == [(3, 3)]


async def test_a_key_that_was_taken_again_goes_back_to_the_stricter_index(legacy: Connection, owner_dsn: str) -> None:
    """Until 037 a key was in one reservation only, also when nothing came of it."""
    await migrate(owner_dsn)
    take = "select reservation_id from public.reserve_usage('paid', 'book', 2, interval '1 hour', 'k')"
    ids = []
    for _ in range(2):
        [(reservation,)] = await rows(legacy, take)
        ids.append(reservation)
        await legacy.execute("select public.release_usage(%s)", [reservation])
    [(kept,)] = await rows(legacy, take)
    await rollback(owner_dsn, to=36)
    by_key = "select id, idempotency_key from public.usage_reservations order by id"
    assert await rows(legacy, by_key) == sorted([(ids[0], None), (ids[1], None), (kept, "k")])
    assert await rows(legacy, take) == [(kept,)]
    await legacy.execute("select public.release_usage(%s)", [kept])
    await rollback(owner_dsn, to=35)
    await migrate(owner_dsn)
    [(last,)] = await rows(legacy, take)
    assert last not in [*ids, kept]
    assert await rows(legacy, "select * from private.usage_reconciliation where month_difference <> 0") == []
