"""Days and months are those of UTC, they roll by themselves, and each unit counts where it was taken."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.db.quotas import Quotas

from blogai.db.database import Connection

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))


def month_after(anchor: datetime, months: int) -> datetime:
    """The anchor, so many months later, on the same day or the last of a shorter month."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, monthrange(year, month + 1)[1]))


def window_of(anchor: datetime, at: datetime) -> tuple[datetime, datetime]:
    months = (at.year - anchor.year) * 12 + at.month - anchor.month
    if month_after(anchor, months) > at:
        months -= 1
    return month_after(anchor, months), month_after(anchor, months + 1)


async def window(owner: Connection, anchor: datetime, at: datetime) -> tuple[Any, ...]:
    cursor = await owner.execute("select starts, ends from private.usage_window(%s, %s)", [anchor, at])
    return await cursor.fetchone()  # type: ignore[return-value]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("anchor", "moment", "starts", "ends"),
    [
        ("2025-01-31", "2025-02-10", "2025-01-31", "2025-02-28"),
        ("2025-01-31", "2025-03-01", "2025-02-28", "2025-03-31"),
        ("2025-01-31", "2025-04-30", "2025-04-30", "2025-05-31"),
        ("2023-12-31T10:00", "2024-02-29T09:59", "2024-01-31T10:00", "2024-02-29T10:00"),
        ("2023-12-31T10:00", "2024-02-29T10:00", "2024-02-29T10:00", "2024-03-31T10:00"),
        # a yearly plan: twelve windows, not one
        ("2025-05-15T08:30", "2026-05-15T08:29", "2026-04-15T08:30", "2026-05-15T08:30"),
        ("2024-02-29", "2025-02-28", "2025-02-28", "2025-03-29"),
        # an anchor that lies ahead
        ("2026-03-20", "2026-03-19", "2026-02-20", "2026-03-20"),
    ],
)
async def test_windows_of_a_billing_period(owner: Connection, anchor: str, moment: str, starts: str, ends: str) -> None:
    assert await window(owner, at(anchor), at(moment)) == (at(starts), at(ends))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anchor=MOMENTS, moment=MOMENTS)
async def test_windows_are_those_of_the_calendar(owner: Connection, anchor: datetime, moment: datetime) -> None:
    starts, ends = await window(owner, anchor, moment)
    assert (starts, ends) == window_of(anchor, moment)
    assert starts <= moment < ends


async def increment(conn: Connection, user_id: str = "ann") -> bool:
    cursor = await conn.execute("select success from public.increment_user_usage(%s, 'blog', 5)", [user_id])
    return bool((await cursor.fetchone())["success"])  # type: ignore[index]


async def test_several_missed_months_are_rolled_at_once(quotas: Quotas, service_conn: Connection) -> None:
    await increment(service_conn)
    await quotas.age("ann", "100 days")
    await increment(service_conn)
    row = await quotas.row("ann")
    assert row["period_start"] <= datetime.now(UTC) < row["period_end"]
    assert row["period_start"].day == 1
    assert (row["month_used"], row["day_used"], row["tokens"]) == (1, 1, 5)
    assert await quotas.logged("ann") == 2
    assert await quotas.differences() == []


async def test_a_full_month_is_empty_again_after_its_end(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", used_before=5)
    assert await increment(service_conn) is False
    await quotas.age("ann", "25 days")
    assert await increment(service_conn) is True
    assert await quotas.differences() == []


async def test_a_full_day_is_empty_again_on_the_next(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", used_today=2)
    assert await increment(service_conn) is False
    await quotas.age("ann", "1 day")
    assert await increment(service_conn) is True
    row = await quotas.row("ann")
    assert (row["month_used"], row["day_used"]) == (3, 1)
    assert await quotas.differences() == []


async def test_a_paid_user_keeps_the_day_of_the_month(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    anchor = datetime.now(UTC).replace(day=31, month=1, year=2024, hour=0, minute=0, second=0, microsecond=0)
    await owner.execute(
        "insert into public.user_quotas (user_id, tier, period_start, period_end, billing_anchor)"
        " values ('ann', 'pro', %s, %s, %s)",
        [anchor, month_after(anchor, 1), anchor],
    )
    await increment(service_conn)
    row = await quotas.row("ann")
    assert (row["period_start"], row["period_end"]) == window_of(anchor, datetime.now(UTC))
    assert row["billing_anchor"] == anchor


async def test_a_paid_period_set_by_hand_becomes_the_anchor(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=75)
    await owner.execute(
        "insert into public.user_quotas (user_id, tier, period_start, period_end) values ('ann', 'pro', %s, %s)",
        [start, month_after(start, 1)],
    )
    await increment(service_conn)
    row = await quotas.row("ann")
    assert (row["period_start"], row["period_end"]) == window_of(start, datetime.now(UTC))
    assert row["billing_anchor"] == start


async def test_readers_see_an_ended_window_as_empty_and_write_nothing(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", used_today=2, used_before=3)
    await quotas.age("ann", "70 days")
    before = await quotas.row("ann")
    cursor = await service_conn.execute("select * from public.check_quota_available('ann')")
    checked: Any = await cursor.fetchone()
    assert (checked["quota_available"], checked["current_usage"], checked["daily_usage"]) == (True, 0, 0)
    assert checked["period_end"] > datetime.now(UTC)
    cursor = await service_conn.execute("select * from public.get_current_month_usage('ann')")
    month: Any = await cursor.fetchone()
    assert (month["operation_count"], month["tokens_used"]) == (0, 0)
    assert month["period_start"] <= datetime.now(UTC) < month["period_end"]
    cursor = await service_conn.execute("select public.get_daily_usage('ann') as n")
    assert await cursor.fetchone() == {"n": 0}
    assert await quotas.row("ann") == before


async def test_a_user_who_never_came_has_the_free_tier(service_conn: Connection) -> None:
    cursor = await service_conn.execute("select * from public.check_quota_available('nobody')")
    checked: Any = await cursor.fetchone()
    assert (checked["tier"], checked["quota_available"], checked["remaining"]) == ("free", True, 5)
    cursor = await service_conn.execute("select count(*) as n from public.user_quotas where user_id = 'nobody'")
    assert await cursor.fetchone() == {"n": 0}


async def test_the_reset_rolls_everyone_and_counts_them(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", used_before=5)
    await quotas.user("bob", "pro", used_before=20)
    await quotas.user("cat", used_before=1)
    await quotas.age("ann", "40 days")
    await quotas.age("bob", "400 days")
    cursor = await service_conn.execute("select public.reset_expired_quotas() as n")
    assert await cursor.fetchone() == {"n": 2}
    cursor = await service_conn.execute("select public.reset_expired_quotas() as n")
    assert await cursor.fetchone() == {"n": 0}
    assert [(await quotas.row(u))["month_used"] for u in ("ann", "bob", "cat")] == [0, 0, 1]
    assert (await quotas.row("bob"))["period_start"].hour == 0
    assert await quotas.differences() == []


async def test_a_release_leaves_a_later_window_alone(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    cursor = await service_conn.execute("select reservation_id from public.reserve_usage('ann', 'book', 4)")
    held: Any = await cursor.fetchone()
    await quotas.age("ann", "40 days")
    await increment(service_conn)
    cursor = await service_conn.execute("select public.release_usage(%s) as done", [held["reservation_id"]])
    assert await cursor.fetchone() == {"done": True}
    row = await quotas.row("ann")
    assert (row["month_used"], row["day_used"]) == (1, 1)
    assert await quotas.differences() == []


async def test_a_release_of_yesterday_frees_the_month_but_not_today(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    cursor = await service_conn.execute("select reservation_id from public.reserve_usage('ann', 'book', 4)")
    held: Any = await cursor.fetchone()
    await quotas.age("ann", "1 day")
    await increment(service_conn)
    await service_conn.execute("select public.release_usage(%s)", [held["reservation_id"]])
    row = await quotas.row("ann")
    assert (row["month_used"], row["day_used"]) == (1, 1)


async def test_what_was_taken_in_an_earlier_month_is_logged_there(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    cursor = await service_conn.execute("select reservation_id from public.reserve_usage('ann', 'book', 4)")
    held: Any = await cursor.fetchone()
    await quotas.age("ann", "40 days")
    await increment(service_conn)
    await service_conn.execute("select public.settle_usage(%s, 2, 100)", [held["reservation_id"]])
    row = await quotas.row("ann")
    assert (row["month_used"], row["day_used"], row["tokens"]) == (1, 1, 5)
    old = await quotas.one('select count(*) as n from public.usage_records where "timestamp" < %s', row["period_start"])
    assert old["n"] == 2
    assert await quotas.differences() == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
async def test_the_time_zone_of_the_connection_is_irrelevant(
    quotas: Quotas, service_conn: Connection, zone: str
) -> None:
    await service_conn.execute("select set_config('timezone', %s, false)", [zone])
    await increment(service_conn)
    await quotas.age("ann", "100 days")
    await increment(service_conn)
    await quotas.owner.execute("set timezone = 'UTC'")
    row = await quotas.one(
        "select day_start = (now() at time zone 'UTC')::date as today,"
        " period_start = date_trunc('month', now(), 'UTC') as month,"
        " period_end = (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC' as next"
        " from public.user_quotas where user_id = 'ann'"
    )
    assert row == {"today": True, "month": True, "next": True}
    with pytest.raises(psycopg.DatabaseError, match="daily quota") as caught:
        await service_conn.execute("select public.reserve_usage('ann', 'book', 2)")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert f"{midnight:%Y-%m-%dT%H:%M:%S}.000000Z" in (caught.value.diag.message_detail or "")


async def test_a_transaction_that_began_before_midnight_counts_in_the_new_day(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    """Another one rolled the day while it waited; here both days lie in the past, as if it were later."""
    await quotas.user("ann", "starter", used_today=1)
    async with service_conn.transaction():
        await service_conn.execute("select now()")
        # as a transaction does that starts later: the day and the period begin after this one's now()
        await owner.execute("update public.user_quotas set period_start = clock_timestamp() where user_id = 'ann'")
        await increment(service_conn)
    row = await quotas.row("ann")
    taken = await quotas.one('select max("timestamp") as t from public.usage_records')
    assert taken["t"] >= row["period_start"], "not lost in the window before"
    assert (row["month_used"], row["day_used"]) == (2, 2)
