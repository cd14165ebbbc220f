"""Everyone asks for his own usage; only the program counts."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from tests.db.quotas import Quotas

from blogai.db.database import Actor, Connection, Database
from blogai.errors import Forbidden

READERS = (
    "public.get_current_month_usage(%s)",
    "public.get_daily_usage(%s)",
    "public.check_quota_available(%s)",
    "public.get_usage_breakdown(%s)",
)
WRITERS = (
    "public.reserve_usage('ann', 'blog')",
    "public.settle_usage(gen_random_uuid())",
    "public.release_usage(gen_random_uuid())",
    "public.sweep_reservations()",
    "public.increment_user_usage('ann', 'blog')",
    "public.reset_expired_quotas()",
    "private.recount_usage('ann')",
    "private.forget_reservations()",
    "private.refresh_quota('ann')",
    "private.settle_reservation(null, null, 1, 1, null)",
    "private.quota_state('ann')",
)
STRANGERS = (Actor.user("bob"), Actor.visitor("ann"), Actor(role="anon"), Actor(role="authenticated"))


@pytest.fixture
async def shared(quotas: Quotas) -> AsyncIterator[Database]:
    await quotas.user("ann", used_today=1)
    async with Database(quotas.app_dsn) as opened:
        yield opened


@pytest.mark.parametrize("function", READERS)
async def test_readers_answer_their_own_user_and_the_program(shared: Database, function: str) -> None:
    for actor in (Actor.user("ann"), Actor(role="anon", claims={"sub": "ann"}), Actor.service()):
        async with shared.transaction(actor) as conn:
            cursor = await conn.execute(f"select * from {function}".encode(), ["ann"])
            assert await cursor.fetchone() is not None


@pytest.mark.parametrize("function", READERS)
@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda a: f"{a.role} {a.claims}")
async def test_readers_refuse_strangers(shared: Database, function: str, stranger: Actor) -> None:
    for user_id in ("ann", "nobody", None):
        with pytest.raises(Forbidden):
            async with shared.transaction(stranger) as conn:
                await conn.execute(f"select * from {function}".encode(), [user_id])


@pytest.mark.parametrize("function", WRITERS)
async def test_only_the_program_counts(shared: Database, function: str) -> None:
    for actor in (Actor.user("ann"), *STRANGERS):
        with pytest.raises(Forbidden):
            async with shared.transaction(actor) as conn:
                await conn.execute(f"select {function}".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "update public.user_quotas set month_used = 0",
        "update public.user_quotas set tier = 'business'",
        "delete from public.user_quotas",
        "insert into public.user_quotas (user_id) values ('bob')",
        "insert into public.usage_reservations (user_id, operation_type, units, expires_at)"
        " values ('ann', 'blog', 1, now())",
        "update public.usage_reservations set state = 'released'",
        "delete from public.usage_reservations",
        "delete from public.usage_records",
        "truncate public.usage_reservations",
        "select * from private.usage_reconciliation",
    ],
)
async def test_nobody_changes_his_own_counters(shared: Database, statement: str) -> None:
    for actor in (Actor.user("ann"), Actor.visitor("ann")):
        with pytest.raises(Forbidden):
            async with shared.transaction(actor) as conn:
                await conn.execute(statement.encode())


@pytest.mark.parametrize(
    "wrong",
    [
        "month_used = -1",
        "day_used = -1",
        "month_tokens = -1",
        "tier = 'gold'",
        "granted_tier = 'gold'",
        "subscribed_tier = 'gold'",
    ],
)
async def test_an_impossible_quota_row_is_refused_to_the_program_too(
    shared: Database, service_conn: Connection, owner: Connection, wrong: str
) -> None:
    for conn in (service_conn, owner):
        with pytest.raises(psycopg.errors.CheckViolation):
            await conn.execute(f"update public.user_quotas set {wrong} where user_id = 'ann'".encode())


@pytest.mark.parametrize(
    "change",
    [
        "update public.user_quotas set month_used = 0",
        "update public.user_quotas set updated_at = '2020-01-01'",
        "select public.increment_user_usage('ann', 'blog')",
        "select public.reserve_usage('ann', 'blog')",
    ],
)
async def test_every_change_of_a_quota_row_leaves_its_time(
    quotas: Quotas, service_conn: Connection, owner: Connection, change: str
) -> None:
    await quotas.user("ann", "starter")
    await service_conn.execute("begin")
    await service_conn.execute(change.encode())
    cursor = await service_conn.execute("select updated_at = now() as now from public.user_quotas")
    assert await cursor.fetchone() == {"now": True}
    await service_conn.execute("rollback")


async def test_a_user_sees_his_own_reservations_alone(shared: Database, service_conn: Connection) -> None:
    await service_conn.execute("select public.reserve_usage('ann', 'blog'), public.reserve_usage('bob', 'blog')")
    async with shared.transaction(Actor.user("ann")) as conn:
        cursor = await conn.execute("select user_id from public.usage_reservations")
        assert await cursor.fetchall() == [("ann",)]


async def test_a_user_may_own_no_functions_that_hide_the_caller(service_conn: Connection) -> None:
    """Every definer function of ours pins its search_path."""
    cursor = await service_conn.execute(
        """
        select p.oid::regprocedure::text
          from pg_proc as p
         where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
           and p.prosecdef
           and not coalesce(array_to_string(p.proconfig, ' '), '') ~ 'search_path='
        """
    )
    assert await cursor.fetchall() == []


async def test_the_runtime_login_has_no_rights_before_it_takes_on_a_role(quotas: Quotas) -> None:
    async with await psycopg.AsyncConnection[Any].connect(quotas.app_dsn, autocommit=True) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await conn.execute("select public.reserve_usage('ann', 'blog')")
