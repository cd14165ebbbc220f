"""Subscriptions in a given state, days that pass, and the tier that follows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.db.quotas import Quotas

from blogai.db.database import Connection

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


async def subscribe(
    owner: Connection,
    subscription: str = "s1",
    tier: str = "pro",
    status: str = "active",
    *,
    user: str = "ann",
    start: timedelta = -10 * DAY,
    end: timedelta = 20 * DAY,
    cancel: bool = False,
) -> None:
    """A subscription as an event left it, for 10 days already and 20 days to come."""
    await owner.execute(
        "insert into public.stripe_subscriptions (subscription_id, user_id, customer_id, tier, status,"
        " current_period_start, current_period_end, cancel_at_period_end) values (%s, %s, 'c', %s, %s, %s, %s, %s)",
        [subscription, user, tier, status, NOW + start, NOW + end, cancel],
    )


async def record(conn: Connection, status: str, at: timedelta, tier: str = "pro", subscription: str = "s1") -> bool:
    """What an event says of ann's subscription, at that distance from now; whether it was stored."""
    cursor = await conn.execute(
        "select public.record_subscription(%s, 'ann', %s, %s, %s, 'c', %s, %s) as stored",
        [subscription, tier, status, NOW + at, NOW - 10 * DAY, NOW + 20 * DAY],
    )
    row: Any = await cursor.fetchone()
    return bool(row["stored"])


async def tier(quotas: Quotas, user: str = "ann") -> str:
    """What all places agree on."""
    found = await quotas.one(
        "select q.tier as quota, coalesce(u.tier, q.tier) as account, s.tier as status"
        " from public.get_subscription_status(%(user)s) as s"
        " left join public.user_quotas as q on q.user_id = %(user)s"
        " left join public.users as u on u.user_id = %(user)s",
        user=user,
    )
    assert found["quota"] == found["account"] == found["status"]
    return str(found["quota"])


async def shift(owner: Connection, days: int) -> None:
    """Lets days pass: every date moves back, and no trigger sees it."""
    async with owner.transaction():
        await owner.execute(
            f"""
            set local session_replication_role = replica;
            update public.stripe_subscriptions
               set current_period_start = current_period_start - interval '{days} days',
                   current_period_end = current_period_end - interval '{days} days',
                   past_due_since = past_due_since - interval '{days} days';
            update public.user_quotas
               set period_start = period_start - interval '{days} days',
                   period_end = period_end - interval '{days} days',
                   billing_anchor = billing_anchor - interval '{days} days',
                   day_start = day_start - {days};
            update public.usage_records set "timestamp" = "timestamp" - interval '{days} days';
            update public.usage_reservations set reserved_at = reserved_at - interval '{days} days';
            """.encode()
        )
