"""Quota and entitlements where the owner of the schema is no superuser, so that policies bind him too."""

from collections.abc import AsyncIterator

import pytest
from psycopg.conninfo import make_conninfo
from tests.db.connecting import owner

from blogai.db.database import Actor, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.login import create_login
from blogai.db.migrate import migrate, rollback
from blogai.errors import QuotaExceeded
from blogai.usage import service

ANN = Actor.user("ann")


@pytest.fixture
async def owner_url(new_server: EmbeddedPostgres) -> str:
    """The DSN of an owner who may create roles and nothing more, of a migrated database."""
    async with owner(new_server.owner_dsn("postgres")) as conn:
        await conn.execute("create role modest login createrole password 'secret'")
        await conn.execute("create database modest owner modest")
    dsn = make_conninfo(new_server.owner_dsn("modest"), user="modest", password="secret")
    await migrate(dsn)
    return dsn


@pytest.fixture
async def modest(owner_url: str) -> AsyncIterator[Database]:
    async with Database((await create_login(owner_url, "modest_app")).url) as database:
        yield database


async def test_units_are_taken_settled_and_refused(owner_url: str, modest: Database) -> None:
    async with modest.transaction(ANN) as conn:
        first = await service.reserve(conn, user_id="ann", operation_type="blog")
        second = await service.reserve(conn, user_id="ann", operation_type="blog")
    with pytest.raises(QuotaExceeded):
        async with modest.transaction(ANN) as conn:
            await service.reserve(conn, user_id="ann", operation_type="blog")
    async with modest.transaction(ANN) as conn:
        assert await service.settle(conn, first.id, tokens=5) is True
        assert await service.release(conn, second.id) is True
        assert (await service.usage(conn)).month_used == 1
        assert [books.units for books in await service.breakdown(conn)] == [1]
    async with owner(owner_url) as conn:
        cursor = await conn.execute("select month_used, month_difference from private.usage_reconciliation")
        assert await cursor.fetchall() == [(1, 0)]


async def test_subscriptions_and_grants_count(owner_url: str, modest: Database) -> None:
    async with modest.transaction(Actor.service()) as conn:
        await conn.execute("insert into users (user_id) values ('ann')")
        await conn.execute("select record_subscription('s1', 'ann', 'pro', 'active', now())")
    async with owner(owner_url) as conn:
        await conn.execute("update user_quotas set tier = 'business' where user_id = 'ann'")
        cursor = await conn.execute("select q.tier, u.tier from user_quotas as q join users as u using (user_id)")
        assert await cursor.fetchall() == [("business", "business")]
        await conn.execute("update user_quotas set tier = 'free' where user_id = 'ann'")
    async with modest.transaction(ANN) as conn:
        assert (await service.usage(conn)).tier == "pro"


async def test_the_counters_of_an_older_database_are_made(owner_url: str) -> None:
    """Under forced policies an owner who forgets his own sees no row and gets no error."""
    await rollback(owner_url, to=13)
    async with owner(owner_url) as conn:
        await conn.execute("insert into user_quotas (user_id, tier) values ('ann', 'pro')")
        await conn.execute(
            "insert into usage_records (user_id, operation_type) select 'ann', 'blog' from generate_series(1, 3)"
        )
        await conn.execute(
            "insert into stripe_subscriptions (subscription_id, user_id, tier, status)"
            " values ('s1', 'bob', 'pro', 'active')"
        )
        await migrate(owner_url)
        cursor = await conn.execute("select user_id, tier, month_used from user_quotas order by user_id")
        assert await cursor.fetchall() == [("ann", "pro", 3), ("bob", "pro", 0)]
