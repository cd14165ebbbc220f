"""The tier follows from all subscriptions and from what was granted by hand, in every order of events."""

import asyncio
from datetime import timedelta
from itertools import permutations

import psycopg
import pytest
from tests.db.quotas import Quotas
from tests.db.subscriptions import DAY, NOW, record, shift, subscribe, tier

from blogai.db.database import Connection


async def test_a_buyer_without_a_quota_row_gets_one(quotas: Quotas, owner: Connection) -> None:
    await subscribe(owner)
    assert await tier(quotas) == "pro"
    row = await quotas.row("ann")
    assert row["period_start"] == NOW - 10 * DAY
    assert row["billing_anchor"] == NOW - 10 * DAY
    assert row["granted_tier"] == "free"


@pytest.mark.parametrize(
    ("status", "expected"),
    [("active", "pro"), ("trialing", "pro"), ("past_due", "pro"), ("incomplete", "free"), ("cancelled", "free")],
)
async def test_the_status_decides(quotas: Quotas, owner: Connection, status: str, expected: str) -> None:
    await subscribe(owner, status=status)
    assert await tier(quotas) == expected
    shown = await quotas.one("select * from public.get_subscription_status('ann')")
    assert (shown["status"], shown["subscription_id"], shown["customer_id"]) == (status, "s1", "c")
    assert shown["has_subscription"] is (status in ("active", "trialing", "past_due"))


@pytest.mark.parametrize(
    ("raw", "stored", "expected"),
    [
        ("active", "active", "pro"),
        ("trialing", "trialing", "pro"),
        ("past_due", "past_due", "pro"),
        ("unpaid", "past_due", "free"),
        ("paused", "past_due", "free"),
        ("incomplete", "incomplete", "free"),
        ("incomplete_expired", "cancelled", "free"),
        ("canceled", "cancelled", "free"),
    ],
)
async def test_the_words_of_stripe_are_kept(
    quotas: Quotas, service_conn: Connection, raw: str, stored: str, expected: str
) -> None:
    await record(service_conn, "active", -DAY)
    assert await record(service_conn, raw, timedelta()) is True
    row = await quotas.one("select status, stripe_status from public.stripe_subscriptions")
    assert row == {"status": stored, "stripe_status": raw}
    assert await tier(quotas) == expected


async def test_an_unknown_word_is_refused(service_conn: Connection, owner: Connection) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        await record(service_conn, "on_fire", timedelta())
    assert (caught.value.sqlstate, caught.value.diag.column_name) == ("ZINVL", "stripe_status")
    await subscribe(owner)
    with pytest.raises(psycopg.errors.CheckViolation):
        await owner.execute("update public.stripe_subscriptions set stripe_status = 'paused'")


async def test_a_status_written_the_old_way_drops_the_raw_one(quotas: Quotas, service_conn: Connection) -> None:
    await record(service_conn, "paused", timedelta())
    await service_conn.execute("update public.stripe_subscriptions set status = 'active'")
    assert (await quotas.one("select stripe_status from public.stripe_subscriptions"))["stripe_status"] is None
    assert await tier(quotas) == "pro"


async def test_the_best_entitled_subscription_wins(quotas: Quotas, owner: Connection) -> None:
    await subscribe(owner, "s1", "starter")
    await subscribe(owner, "s2", "business", "incomplete")
    await subscribe(owner, "s3", "pro", "cancelled")
    assert await tier(quotas) == "starter"
    await owner.execute("update public.stripe_subscriptions set status = 'active' where subscription_id = 's3'")
    assert await tier(quotas) == "pro"
    await owner.execute("update public.stripe_subscriptions set cancelled_at = now() where subscription_id = 's1'")
    assert await tier(quotas) == "pro", "a late event of an old subscription changes nothing"
    shown = await quotas.one(
        "select count(*) over () as rows, subscription_id from public.get_subscription_status('ann')"
    )
    assert shown == {"rows": 1, "subscription_id": "s3"}
    await owner.execute("delete from public.stripe_subscriptions where subscription_id = 's3'")
    assert await tier(quotas) == "starter"


async def test_a_subscription_that_changes_hands_serves_the_new_one(quotas: Quotas, owner: Connection) -> None:
    await subscribe(owner)
    await owner.execute("update public.stripe_subscriptions set user_id = 'bob'")
    assert [await tier(quotas, "ann"), await tier(quotas, "bob")] == ["free", "pro"]


async def test_cancelled_at_period_end_keeps_access_to_the_end(
    quotas: Quotas, owner: Connection, service_conn: Connection
) -> None:
    await subscribe(owner, end=5 * DAY, cancel=True)
    assert await tier(quotas) == "pro"
    assert (await quotas.row("ann"))["period_end"] == NOW + 5 * DAY
    await shift(owner, 6)
    cursor = await service_conn.execute("select tier, daily_limit from public.check_quota_available('ann')")
    assert await cursor.fetchone() == {"tier": "free", "daily_limit": 2}, "without any event or job"
    for _ in range(3):
        await service_conn.execute("select public.increment_user_usage('ann', 'blog')")
    assert await quotas.logged("ann") == 2
    assert await tier(quotas) == "free"
    assert await quotas.differences() == []


async def test_grace_after_a_failed_payment_ends(quotas: Quotas, owner: Connection, service_conn: Connection) -> None:
    await subscribe(owner, status="past_due")
    assert (await quotas.row("ann"))["period_end"] < NOW + 8 * DAY
    await shift(owner, 6)
    await service_conn.execute("select public.reset_expired_quotas()")
    assert await tier(quotas) == "pro"
    await shift(owner, 2)
    cursor = await service_conn.execute("select public.reset_expired_quotas() as n")
    assert await cursor.fetchone() == {"n": 1}
    assert await tier(quotas) == "free"
    await owner.execute("update public.stripe_subscriptions set status = 'active'")
    assert await tier(quotas) == "pro"
    assert (await quotas.row("ann"))["period_end"] > NOW + 8 * DAY


async def test_the_grace_is_a_setting(quotas: Quotas, owner: Connection, service_conn: Connection) -> None:
    await subscribe(owner, status="past_due")
    await shift(owner, 1)
    try:
        await service_conn.execute("update private.entitlement_settings set past_due_grace = '0'")
        assert await tier(quotas) == "free"
        await subscribe(owner, "s2", "starter", "cancelled")
        await service_conn.execute("update private.entitlement_settings set honour_cancelled_period = true")
        assert await tier(quotas) == "starter"
    finally:
        await service_conn.execute(
            "update private.entitlement_settings set past_due_grace = default, honour_cancelled_period = default"
        )
    assert await tier(quotas) == "pro"


async def test_grace_begins_once(quotas: Quotas, service_conn: Connection) -> None:
    await record(service_conn, "past_due", -5 * DAY)
    await record(service_conn, "past_due", -3 * DAY)
    since = "select past_due_since from public.stripe_subscriptions"
    assert (await quotas.one(since))["past_due_since"] == NOW - 5 * DAY
    await record(service_conn, "active", -2 * DAY)
    await record(service_conn, "past_due", -1 * DAY)
    assert (await quotas.one(since))["past_due_since"] == NOW - 1 * DAY


async def test_events_of_one_subscription_may_come_in_any_order(
    quotas: Quotas, owner: Connection, service_conn: Connection
) -> None:
    events = [("incomplete", -4 * DAY), ("active", -3 * DAY), ("past_due", -2 * DAY), ("active", -1 * DAY)]
    for order in permutations(events):
        await owner.execute("delete from public.stripe_subscriptions")
        for status, at in order:
            await record(service_conn, status, at)
        assert await tier(quotas) == "pro"
        assert (await quotas.one("select status from public.stripe_subscriptions"))["status"] == "active"


async def test_the_end_of_a_subscription_is_final(quotas: Quotas, service_conn: Connection) -> None:
    assert await record(service_conn, "canceled", timedelta()) is True
    assert await record(service_conn, "active", timedelta()) is False
    assert await record(service_conn, "active", DAY) is False
    assert await tier(quotas) == "free"


async def test_a_grant_stands_beside_the_subscriptions(quotas: Quotas, owner: Connection) -> None:
    await owner.execute("insert into public.users (user_id) values ('ann')")
    await owner.execute("insert into public.user_quotas (user_id, tier) values ('ann', 'starter')")
    assert await tier(quotas) == "starter"
    await subscribe(owner)
    assert await tier(quotas) == "pro"
    await owner.execute("update public.user_quotas set tier = 'pro' where user_id = 'ann'")
    await owner.execute("update public.stripe_subscriptions set status = 'cancelled'")
    assert await tier(quotas) == "pro", "granted while it was subscribed"
    await owner.execute("update public.user_quotas set tier = 'free' where user_id = 'ann'")
    assert await tier(quotas) == "free"
    await owner.execute("update public.stripe_subscriptions set status = 'active'")
    await owner.execute("update public.user_quotas set tier = 'starter' where user_id = 'ann'")
    assert await tier(quotas) == "pro", "a grant takes nothing away"


async def test_an_upgrade_opens_the_window_of_the_subscription(
    quotas: Quotas, owner: Connection, service_conn: Connection
) -> None:
    await quotas.user("ann", used_before=5)
    await subscribe(owner, start=-1 * DAY, end=29 * DAY)
    row = await quotas.row("ann")
    assert (row["period_start"], row["month_used"]) == (NOW - DAY, 0)
    cursor = await service_conn.execute("select success from public.increment_user_usage('ann', 'blog')")
    assert await cursor.fetchone() == {"success": True}
    assert await quotas.differences() == []


async def test_a_downgrade_does_not_count_what_was_paid_for(
    quotas: Quotas, owner: Connection, service_conn: Connection
) -> None:
    await subscribe(owner)
    await owner.execute(
        'insert into public.usage_records (user_id, operation_type, "timestamp")'
        " select 'ann', 'blog', now() - interval '26 hours' from generate_series(1, 40)"
    )
    await owner.execute("select private.recount_usage('ann')")
    await owner.execute("update public.stripe_subscriptions set status = 'cancelled'")
    row = await quotas.row("ann")
    assert (row["tier"], row["month_used"], row["billing_anchor"]) == ("free", 0, None)
    cursor = await service_conn.execute("select success from public.increment_user_usage('ann', 'blog')")
    assert await cursor.fetchone() == {"success": True}
    assert await quotas.differences() == []


async def test_a_renewal_keeps_the_counters_and_the_grid(quotas: Quotas, owner: Connection) -> None:
    await subscribe(owner, start=timedelta(days=-75), end=20 * DAY)
    before = await quotas.row("ann")
    await owner.execute(
        "update public.stripe_subscriptions set current_period_start = %s, current_period_end = %s",
        [before["period_start"], before["period_end"]],
    )
    after = await quotas.row("ann")
    assert after["billing_anchor"] == before["billing_anchor"]
    assert (after["period_start"], after["period_end"]) == (before["period_start"], before["period_end"])


async def test_an_invoice_counts_once(owner: Connection) -> None:
    for table, columns, values in (
        ("payments", "user_id, invoice_id, amount_cents", "'ann', 'in_1', 100"),
        ("payment_failures", "user_id, invoice_id", "'ann', 'in_1'"),
    ):
        await owner.execute(f"delete from public.{table}".encode())
        await owner.execute(f"insert into public.{table} ({columns}) values ({values})".encode())
        with pytest.raises(psycopg.errors.UniqueViolation):
            await owner.execute(f"insert into public.{table} ({columns}) values ({values})".encode())
        await owner.execute(
            f"insert into public.{table} ({columns}) values ({values}) on conflict (invoice_id) do nothing".encode()
        )
        without = values.replace("'in_1'", "null")
        await owner.execute(f"insert into public.{table} ({columns}) values ({without}), ({without})".encode())


async def test_two_events_at_once_for_one_user_both_count(quotas: Quotas, owner: Connection) -> None:
    await subscribe(owner, "s1", "starter")
    await subscribe(owner, "s2", "pro")
    async with quotas.consumers(2) as [one, other]:
        async with one.transaction():
            await one.execute(
                "update public.stripe_subscriptions set status = 'cancelled' where subscription_id = 's1'"
            )
            waiting = asyncio.create_task(
                other.execute(
                    "update public.stripe_subscriptions set status = 'cancelled' where subscription_id = 's2'"
                )
            )
            await quotas.blocked(other)
        await waiting
    assert await tier(quotas) == "free"


async def test_two_subscriptions_that_change_hands_crosswise_wait_in_order(quotas: Quotas, owner: Connection) -> None:
    """Whoever concerns two users locks their quotas in the order of their ids, as a recount of all does."""
    await subscribe(owner, "s1", user="ann")
    await subscribe(owner, "s2", user="zoe")
    async with quotas.consumers(1) as [other]:
        async with owner.transaction():
            await owner.execute("select from public.user_quotas where user_id = 'ann' for no key update")
            moving = asyncio.create_task(
                other.execute("update public.stripe_subscriptions set user_id = 'ann' where subscription_id = 's2'")
            )
            await quotas.blocked(other)
            await owner.execute("select from public.user_quotas where user_id = 'zoe' for update nowait")
        await moving
    assert (await tier(quotas), await tier(quotas, "zoe")) == ("pro", "free")
