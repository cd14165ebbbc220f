"""Migration 000 on servers of different kinds: it makes what is missing and takes away no more."""

from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.db.connecting import owner

from blogai.db.database import Actor, Connection, acting_as
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import migrate, rollback, verify
from blogai.errors import MigrationError

ROLES = ["anon", "authenticated", "service_role"]


async def value(conn: Connection, statement: str, *parameters: object) -> Any:
    row = await (await conn.execute(statement.encode(), parameters)).fetchone()
    assert row is not None
    return row[0]


async def roles(conn: Connection) -> list[str]:
    return list(
        await value(conn, "select array_agg(rolname order by rolname) from pg_roles where rolname = any(%s)", ROLES)
        or []
    )


async def new_database(postgres: EmbeddedPostgres, name: str, owned_by: str | None = None) -> str:
    """The superuser's DSN of a new database, or that of the role which owns it."""
    async with owner(postgres.owner_dsn("postgres")) as conn:
        await conn.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        if owned_by is None:
            return postgres.owner_dsn(name)
        await conn.execute(
            sql.SQL("alter database {} owner to {}").format(sql.Identifier(name), sql.Identifier(owned_by))
        )
        return make_conninfo(postgres.owner_dsn(name), user=owned_by, password="secret")


async def drop_roles(postgres: EmbeddedPostgres) -> None:
    """As on a server that we never met: the template of the other tests and its roles go."""
    async with owner(postgres.owner_dsn("postgres")) as conn:
        for role in await roles(conn):
            await conn.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


async def test_a_plain_server_gets_everything_and_loses_it_again(new_server: EmbeddedPostgres) -> None:
    await drop_roles(new_server)
    dsn = await new_database(new_server, "plain")
    await migrate(dsn, to=0)
    async with owner(dsn) as conn:
        assert await roles(conn) == ROLES
        assert await value(conn, "select rolbypassrls from pg_roles where rolname = 'service_role'")
        assert not await value(
            conn, "select bool_or(rolcanlogin or rolsuper) from pg_roles where rolname = any(%s)", ROLES
        )
        in_public = "select array_agg(oid::regprocedure::text) from pg_proc where pronamespace = 'public'::regnamespace"
        assert await value(conn, in_public) == ["uuid_generate_v4()"]
        await conn.execute("create table public.fresh (id int); create sequence public.numbers")
        for role in ROLES:
            assert await value(conn, "select has_table_privilege(%s, 'public.fresh', 'select, insert, truncate')", role)
            assert await value(conn, "select has_sequence_privilege(%s, 'public.numbers', 'usage')", role)
        await conn.execute("drop table public.fresh; drop sequence public.numbers")
        async with conn.transaction(), acting_as(conn, Actor.user("3b5b9a4e-52c8-4a8f-9d57-0f8a24a4a0d1")):
            cursor = await conn.execute("select auth.uid()::text, auth.role(), auth.jwt() ->> 'sub'")
            assert await cursor.fetchone() == (
                "3b5b9a4e-52c8-4a8f-9d57-0f8a24a4a0d1",
                "authenticated",
                "3b5b9a4e-52c8-4a8f-9d57-0f8a24a4a0d1",
            )
    await rollback(dsn, None)
    async with owner(dsn) as conn:
        assert await roles(conn) == []
        assert await value(conn, "select count(*) from pg_default_acl") == 0
        assert await value(conn, "select count(*) from pg_namespace where nspname in ('auth', 'private')") == 0
        assert await value(conn, in_public) is None


async def test_roles_stay_while_another_database_uses_them(new_server: EmbeddedPostgres) -> None:
    await drop_roles(new_server)
    first, second = await new_database(new_server, "first"), await new_database(new_server, "second")
    await migrate(first, to=0)
    await migrate(second, to=0)
    await rollback(first, None)
    async with owner(first) as conn:
        assert await roles(conn) == ROLES
    assert all(step.problem is None for step in await verify(second))


async def test_what_a_platform_brings_is_left_as_it_is(new_server: EmbeddedPostgres) -> None:
    await drop_roles(new_server)
    dsn = await new_database(new_server, "platform")
    async with owner(dsn) as conn:
        await conn.execute(
            """
            create role anon; create role authenticated; create role service_role bypassrls;
            create schema auth;
            create schema extensions;
            grant usage on schema auth to anon, authenticated, service_role;
            create function auth.uid() returns uuid language sql stable return gen_random_uuid();
            create function auth.role() returns text language sql stable return 'theirs';
            create function auth.jwt() returns jsonb language sql stable return '{"theirs": true}'::jsonb;
            create function extensions.uuid_generate_v4() returns uuid language sql return gen_random_uuid();
            alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
            alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
            alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
            """
        )
        before = await platform(conn)
        await migrate(dsn, to=0)
        assert await value(conn, "select count(*) from private.prepared_objects") == 0
        assert await platform(conn) == before
        await migrate(dsn, to=2)
        default = (
            "select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'tool_usage'::regclass and adnum = 1"
        )
        assert await value(conn, default) == "extensions.uuid_generate_v4()"
        await rollback(dsn, None)
        assert await platform(conn) == before


async def platform(conn: Connection) -> list[Any]:
    """Roles, default privileges, and functions outside the server's own schemas."""
    return [
        await value(
            conn,
            "select array_agg(format('%%s %%s %%s', rolname, rolbypassrls, rolinherit) order by rolname)"
            " from pg_roles where rolname = any(%s)",
            ROLES,
        ),
        await value(conn, "select array_agg(defaclacl::text order by defaclobjtype) from pg_default_acl"),
        await value(
            conn,
            "select array_agg(pg_get_functiondef(oid) order by oid) from pg_proc"
            " where pronamespace = any(array['auth', 'extensions', 'public']::regnamespace[])",
        ),
        await value(conn, "select nspacl::text from pg_namespace where nspname = 'auth'"),
    ]


async def test_an_owner_without_special_rights_migrates_and_works(new_server: EmbeddedPostgres) -> None:
    await drop_roles(new_server)
    async with owner(new_server.owner_dsn("postgres")) as conn:
        await conn.execute("create role ordinary login createrole password 'secret'")
    dsn = await new_database(new_server, "modest", "ordinary")
    await migrate(dsn)
    async with owner(dsn) as conn:
        assert not await value(conn, "select rolbypassrls from pg_roles where rolname = 'service_role'")
        for role in ROLES:
            async with conn.transaction():
                await conn.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))

        # service_role works through its policies, definer functions and the owner through the owner's
        async with conn.transaction(), acting_as(conn, Actor.service()):
            await conn.execute("insert into users (user_id) values ('ann')")
            await conn.execute("insert into user_quotas (user_id) values ('ann')")
            await conn.execute("select increment_tool_usage('tool')")
            await conn.execute(
                "insert into stripe_subscriptions (subscription_id, user_id, tier) values ('sub_1', 'ann', 'pro')"
            )
            await conn.execute("insert into usage_records (user_id, operation_type) values ('ann', 'blog')")
            assert await value(conn, "select tier from get_subscription_status('ann')") == "pro"
        assert await value(conn, "select tier from user_quotas where user_id = 'ann'") == "pro"
        cursor = await conn.execute("update users set name = 'Ann'")
        assert cursor.rowcount == 1
        async with conn.transaction(), acting_as(conn, Actor.user("ann")):
            assert await value(conn, "select count(*) from usage_records") == 1
            assert await value(conn, "select sum(operation_count)::int from get_usage_breakdown('ann')") == 1
        async with conn.transaction(), acting_as(conn, Actor.user("bob")):
            assert await value(conn, "select count(*) from usage_records") == 0
    await rollback(dsn, None)
    async with owner(dsn) as conn:
        assert await roles(conn) == []


async def test_an_owner_who_may_not_create_roles_is_told_what_to_ask_for(new_server: EmbeddedPostgres) -> None:
    await drop_roles(new_server)
    async with owner(new_server.owner_dsn("postgres")) as conn:
        await conn.execute("create role powerless login password 'secret'")
    dsn = await new_database(new_server, "bare", "powerless")
    with pytest.raises(MigrationError, match="alter role powerless createrole"):
        await migrate(dsn)


async def test_reset_privileges_gives_back_what_a_new_object_has(blank_dsn: str) -> None:
    await migrate(blank_dsn, to=2)
    acls = (
        "select array[(select relacl::text from pg_class where oid = 'tool_usage'::regclass),"
        " (select attacl::text from pg_attribute where attrelid = 'tool_usage'::regclass and attname = 'count'),"
        " (select proacl::text from pg_proc where proname = 'get_tool_stats')]"
    )
    async with owner(blank_dsn) as conn:
        before = await value(conn, acls)
        await conn.execute(
            "revoke all on tool_usage from anon, service_role; grant update (count) on tool_usage to anon"
        )
        await conn.execute("revoke all on function get_tool_stats() from public, authenticated")
        assert await value(conn, acls) != before
        await conn.execute("call private.reset_privileges('table', 'public.tool_usage')")
        await conn.execute("call private.reset_privileges('function', 'public.get_tool_stats()')")
        assert await value(conn, acls) == before
        with pytest.raises(psycopg.errors.RaiseException, match="tables and functions"):
            await conn.execute("call private.reset_privileges('view', 'public.tool_usage')")
