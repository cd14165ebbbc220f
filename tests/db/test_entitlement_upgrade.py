"""Tiers, payments and failures of a database that ran without these rules."""

from typing import Any

import pytest

from blogai.db.database import Connection
from blogai.db.migrate import migrate, rollback

BEFORE = 22


async def rows(conn: Connection, statement: str) -> list[Any]:
    cursor = await conn.execute(statement.encode())
    return await cursor.fetchall()


@pytest.fixture
async def legacy(owner_dsn: str, owner_conn: Connection) -> Connection:
    """Rows that break every rule of the migration."""
    await rollback(owner_dsn, to=BEFORE)
    await owner_conn.execute(
        """
        delete from public.user_quotas;
        delete from public.users;
        insert into public.users (user_id, tier) values
            ('lapsed', 'pro'), ('given', 'business'), ('odd', 'free'), ('bare', 'starter'), ('none', null);
        insert into public.stripe_subscriptions
            (subscription_id, user_id, tier, status, current_period_start, current_period_end)
        values ('s1', 'lapsed', 'pro', 'cancelled', now() - interval '40 days', now() - interval '10 days'),
               ('s2', 'buyer', 'starter', 'active', now() - interval '5 days', now() + interval '25 days'),
               ('s3', 'late', 'pro', 'past_due', now() - interval '5 days', now() + interval '25 days');
        insert into public.user_quotas (user_id, tier) values ('lapsed', 'pro'), ('given', 'business'), ('odd', 'pro');
        insert into public.payments (id, user_id, invoice_id, amount_cents, status, paid_at) values
            ('00000000-0000-4000-8000-000000000001', 'lapsed', 'in_1', 100, 'paid', '2026-01-01'),
            ('00000000-0000-4000-8000-000000000002', 'lapsed', 'in_1', 100, 'refunded', '2026-01-02'),
            ('00000000-0000-4000-8000-000000000003', 'lapsed', 'in_1', 100, 'paid', '2026-01-03'),
            ('00000000-0000-4000-8000-000000000004', 'lapsed', null, 100, 'paid', '2026-01-03'),
            ('00000000-0000-4000-8000-000000000005', 'lapsed', null, 100, 'paid', '2026-01-03');
        insert into public.payment_failures (user_id, invoice_id, attempt_count, resolved_at) values
            ('lapsed', 'in_2', 1, '2026-02-01'), ('lapsed', 'in_2', 3, null), ('lapsed', 'in_3', 1, null);
        insert into public.usage_records (user_id, operation_type) values ('buyer', 'blog');
        """
    )
    return owner_conn


async def test_tiers_follow_from_subscriptions_or_stay_as_granted(legacy: Connection, owner_dsn: str) -> None:
    await migrate(owner_dsn)
    assert await rows(
        legacy,
        "select user_id, q.tier, granted_tier, subscribed_tier, month_used, u.tier from public.user_quotas as q"
        " left join public.users as u using (user_id) order by user_id",
    ) == [
        ("bare", "starter", "starter", "free", 0, "starter"),
        ("buyer", "starter", "free", "starter", 1, None),
        ("given", "business", "business", "free", 0, "business"),
        ("lapsed", "free", "free", "free", 0, "free"),
        ("late", "pro", "free", "pro", 0, None),
        ("odd", "pro", "pro", "free", 0, "pro"),
    ]
    assert await rows(legacy, "select tier from public.users where user_id = 'none'") == [("free",)]


async def test_one_row_of_each_invoice_stays_and_the_others_are_kept_aside(legacy: Connection, owner_dsn: str) -> None:
    await migrate(owner_dsn)
    assert await rows(legacy, "select status, count(*) from public.payments group by 1 order by 1") == [
        ("paid", 2),
        ("refunded", 1),
    ]
    assert await rows(legacy, "select count(*), count(distinct kept_id) from private.duplicate_payments") == [(2, 1)]
    assert await rows(
        legacy,
        "select invoice_id, attempt_count, resolved_at is not null from public.payment_failures order by invoice_id",
    ) == [("in_2", 3, True), ("in_3", 1, False)]
    assert await rows(legacy, "select attempt_count from private.duplicate_payment_failures") == [(1,)]


async def test_going_back_puts_the_duplicates_back(legacy: Connection, owner_dsn: str) -> None:
    await migrate(owner_dsn)
    await rollback(owner_dsn, to=BEFORE)
    assert await rows(legacy, "select count(*) from public.payments") == [(5,)]
    assert await rows(legacy, "select count(*) from public.payment_failures") == [(3,)]
    await migrate(owner_dsn)
    assert await rows(legacy, "select count(*) from private.duplicate_payments") == [(2,)]
