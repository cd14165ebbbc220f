"""The tier of a users row is that of the quota row, whichever is made first, and however many at once."""

import asyncio

from tests.db.quotas import Quotas
from tests.db.subscriptions import DAY, record, tier

from blogai.db.database import Connection


async def test_users_tier_is_a_mirror_and_not_a_switch(quotas: Quotas, owner: Connection) -> None:
    await owner.execute("insert into public.users (user_id, tier) values ('ann', null), ('bob', 'pro')")
    mirrored = "select array_agg(tier order by user_id) as tiers from public.users"
    assert (await quotas.one(mirrored))["tiers"] == ["free", "free"]
    await owner.execute("insert into public.user_quotas (user_id, tier) values ('bob', 'starter')")
    assert (await quotas.one(mirrored))["tiers"] == ["free", "starter"]
    await owner.execute("update public.users set tier = 'business'")
    assert (await quotas.one(mirrored))["tiers"] == ["free", "starter"]
    await owner.execute("delete from public.user_quotas where user_id = 'bob'")
    assert (await quotas.one(mirrored))["tiers"] == ["free", "free"]


async def test_thousands_of_users_are_loaded_at_once(quotas: Quotas, owner: Connection) -> None:
    """More than the server has locks for, in one transaction and in both orders."""
    async with owner.transaction():
        await owner.execute("insert into public.users (user_id) select 'u' || n from generate_series(1, 12000) as n")
        await owner.execute(
            "insert into public.user_quotas (user_id, tier)"
            " select user_id, 'pro' from public.users where user_id < 'u5'"
        )
    found = await quotas.one("select count(*) filter (where tier = 'pro') as pro, count(*) as users from public.users")
    made = await quotas.one("select count(*) as n from public.user_quotas")
    assert (found["pro"], found["users"]) == (made["n"], 12000)


async def test_a_tier_that_slipped_through_is_repaired(
    quotas: Quotas, owner: Connection, service_conn: Connection
) -> None:
    await owner.execute("insert into public.users (user_id) values ('ann')")
    await owner.execute("insert into public.user_quotas (user_id, tier) values ('ann', 'pro')")
    async with owner.transaction():
        await owner.execute("set local session_replication_role = replica")
        await owner.execute("update public.users set tier = 'free'")
    await service_conn.execute("select public.reset_expired_quotas()")
    assert await tier(quotas) == "pro"


async def test_a_users_row_made_beside_its_quota_row_agrees(quotas: Quotas) -> None:
    async with quotas.consumers(2) as [one, other]:
        async with one.transaction():
            await one.execute("insert into public.user_quotas (user_id, tier) values ('ann', 'pro')")
            waiting = asyncio.create_task(other.execute("insert into public.users (user_id) values ('ann')"))
            await quotas.blocked(other)
        await waiting
    assert await tier(quotas) == "pro"


async def test_a_users_row_made_while_the_tier_changes_agrees(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    async with quotas.consumers(1) as [other]:
        async with service_conn.transaction():
            await record(service_conn, "active", -DAY)
            making = asyncio.create_task(other.execute("insert into public.users (user_id) values ('ann')"))
            await quotas.blocked(other)
        await making
    assert await tier(quotas) == "pro"
