"""A unit is taken when both limits allow it, and refused with all that the caller must know if not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.db.quotas import Quotas

from blogai.db.database import Connection

QUOTA = "ZQUOT"
INVALID = "ZINVL"


async def increment(conn: Connection, user_id: str, tokens: int = 10) -> dict[str, Any]:
    cursor = await conn.execute("select * from public.increment_user_usage(%s, 'blog', %s)", [user_id, tokens])
    return await cursor.fetchone()  # type: ignore[return-value]


async def check(conn: Connection, user_id: str) -> dict[str, Any]:
    cursor = await conn.execute("select * from public.check_quota_available(%s)", [user_id])
    return await cursor.fetchone()  # type: ignore[return-value]


async def refusal(conn: Connection, statement: str, *arguments: Any) -> psycopg.errors.Diagnostic:
    with pytest.raises(psycopg.DatabaseError) as caught:
        await conn.execute(statement.encode(), arguments)
    return caught.value.diag


async def test_the_first_use_makes_the_quota_row(quotas: Quotas, service_conn: Connection) -> None:
    first = await increment(service_conn, "new")
    assert first["record_id"] is not None
    del first["record_id"]
    assert first == {
        "success": True,
        "tier": "free",
        "current_usage": 1,
        "monthly_limit": 5,
        "daily_usage": 1,
        "daily_limit": 2,
        "remaining": 4,
    }
    row = await quotas.row("new")
    month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert row["period_start"] == month
    assert row["period_end"] == (month + timedelta(days=32)).replace(day=1)
    assert (row["month_used"], row["day_used"], row["tokens"]) == (1, 1, 10)


async def test_a_log_without_a_quota_row_counts(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await owner.execute(
        "insert into public.usage_records (user_id, operation_type, tokens_used)"
        " select 'old', 'tool', 7 from generate_series(1, 2)"
    )
    assert (await increment(service_conn, "old"))["success"] is False
    assert (await quotas.row("old"))["month_used"] == 2
    assert await quotas.differences() == []


async def test_the_daily_limit_refuses_and_writes_nothing(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", used_today=2)
    refused = await increment(service_conn, "ann")
    assert refused["success"] is False
    assert refused["record_id"] is None
    assert (refused["daily_usage"], refused["daily_limit"]) == (2, 2)
    assert await quotas.logged("ann") == 2


async def test_the_monthly_limit_refuses(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", used_before=5)
    refused = await increment(service_conn, "ann")
    assert (refused["success"], refused["current_usage"], refused["remaining"]) == (False, 5, 0)
    assert (await check(service_conn, "ann"))["quota_available"] is False


@pytest.mark.parametrize(("tier", "monthly", "daily"), [("starter", 50, 10), ("pro", 200, 50), ("business", 1000, -1)])
async def test_each_tier_has_its_limits(
    quotas: Quotas, service_conn: Connection, tier: str, monthly: int, daily: int
) -> None:
    await quotas.user("ann", tier, used_before=monthly - 1)
    assert (await increment(service_conn, "ann"))["success"] is True
    assert (await increment(service_conn, "ann"))["success"] is False
    await quotas.user("bob", tier, used_today=daily if daily >= 0 else monthly - 1)
    assert (await increment(service_conn, "bob"))["success"] is (daily < 0)
    assert await quotas.differences() == []


async def test_minus_one_is_unlimited(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await owner.execute("update public.tier_limits set monthly_limit = -1, daily_limit = -1 where tier = 'free'")
    await quotas.user("ann", used_today=30)
    assert (await increment(service_conn, "ann"))["success"] is True
    assert (await check(service_conn, "ann"))["remaining"] == -1


async def test_a_changed_tier_counts_at_once(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann", used_before=5)
    await owner.execute("update public.user_quotas set tier = 'starter' where user_id = 'ann'")
    assert (await increment(service_conn, "ann"))["success"] is True
    await owner.execute("update public.user_quotas set tier = 'free' where user_id = 'ann'")
    assert (await increment(service_conn, "ann"))["success"] is False


@pytest.mark.parametrize(
    ("used_today", "used_before", "window", "used", "limit"),
    [(2, 0, "day", 2, 2), (0, 5, "month", 5, 5), (2, 3, "month", 5, 5)],
)
async def test_a_refused_reservation_says_why_and_until_when(
    quotas: Quotas, service_conn: Connection, used_today: int, used_before: int, window: str, used: int, limit: int
) -> None:
    await quotas.user("ann", used_today=used_today, used_before=used_before)
    diag = await refusal(service_conn, "select public.reserve_usage('ann', 'blog')")
    assert diag.sqlstate == QUOTA
    row = await quotas.row("ann")
    midnight = datetime.combine(row["day_start"] + timedelta(days=1), datetime.min.time(), UTC)
    detail = json.loads(diag.message_detail or "")
    resets_at = datetime.fromisoformat(detail.pop("resets_at"))
    assert resets_at == (midnight if window == "day" else row["period_end"])
    assert detail == {"tier": "free", "used": used, "limit": limit, "window": window, "requested": 1}
    assert "free" in (diag.message_primary or "")
    assert "higher tier" in (diag.message_hint or "")


async def test_all_units_are_taken_or_none(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter", used_today=4)
    diag = await refusal(service_conn, "select public.reserve_usage('ann', 'book', 7)")
    assert diag.sqlstate == QUOTA
    assert (await quotas.row("ann"))["month_used"] == 4
    await service_conn.execute("select public.reserve_usage('ann', 'book', 6)")
    assert (await quotas.row("ann"))["day_used"] == 10


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("select public.reserve_usage('', 'blog')", "user_id"),
        ("select public.reserve_usage(null, 'blog')", "user_id"),
        ("select public.reserve_usage('ann', 'blog', 0)", "units"),
        ("select public.reserve_usage('ann', 'blog', -3)", "units"),
        ("select public.reserve_usage('ann', 'blog', 10001)", "units"),
        ("select public.reserve_usage('ann', 'blog', null)", "units"),
        ("select public.reserve_usage('ann', 'blog', 1, interval '0')", "expires_in"),
        ("select public.reserve_usage('ann', 'blog', 1, interval '8 days')", "expires_in"),
        ("select public.increment_user_usage('ann', 'blog', -1)", "tokens"),
        ("select public.increment_user_usage('', 'blog', 1)", "user_id"),
    ],
)
async def test_arguments_out_of_range_are_refused(
    quotas: Quotas, service_conn: Connection, statement: str, column: str
) -> None:
    await quotas.user("ann")
    diag = await refusal(service_conn, statement)
    assert (diag.sqlstate, diag.column_name) == (INVALID, column)
    assert (await quotas.row("ann"))["month_used"] == 0


async def test_an_unknown_operation_is_refused_and_not_counted(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann")
    for statement in (
        "select public.reserve_usage('ann', 'streaming')",
        "select public.increment_user_usage('ann', 'streaming', 1)",
    ):
        diag = await refusal(service_conn, statement)
        assert diag.sqlstate == psycopg.errors.CheckViolation.sqlstate
    assert (await quotas.row("ann"))["month_used"] == 0


async def test_negative_tokens_cannot_reach_the_log(owner: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        await owner.execute(
            "insert into public.usage_records (user_id, operation_type, tokens_used) values ('ann', 'blog', -1)"
        )


async def test_counters_are_updated_without_touching_an_index(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "business")
    for _ in range(20):
        await increment(service_conn, "ann")
    await owner.execute("select pg_stat_force_next_flush()")
    await service_conn.execute("select pg_stat_force_next_flush()")
    stats = await quotas.one("select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'user_quotas'")
    assert stats["n_tup_upd"] >= 20
    assert stats["n_tup_hot_upd"] >= 20
