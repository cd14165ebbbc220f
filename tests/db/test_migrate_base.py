"""Rolling back to base on a server that several databases share."""

import asyncio
from contextlib import closing

import psycopg
from psycopg.conninfo import make_conninfo

from blogai.db.catalog import differences, picture
from blogai.db.database import Connection
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import migrate, rollback, verify


def create(server: EmbeddedPostgres, name: str) -> str:
    with closing(psycopg.connect(server.owner_dsn("postgres"), autocommit=True)) as conn:
        conn.execute(f"create database {name}")
    return server.owner_dsn(name)


async def roles(conn: Connection) -> set[str]:
    cursor = await conn.execute(
        "select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role')"
    )
    return {name for (name,) in await cursor.fetchall()}


async def test_roles_stay_while_another_database_uses_them(new_server: EmbeddedPostgres) -> None:
    first, second = await asyncio.to_thread(lambda: [create(new_server, name) for name in ("first_db", "second_db")])
    async with (
        await psycopg.AsyncConnection.connect(first, autocommit=True) as conn,
        await psycopg.AsyncConnection.connect(second, autocommit=True) as other,
    ):
        untouched = await picture(conn)
        await migrate(first)
        await migrate(second)
        before = await picture(other)
        await rollback(first, None)
        assert differences(before, await picture(other)) == []
        left = differences(untouched, await picture(conn))
        assert left == ["new: role anon", "new: role authenticated", "new: role service_role"]

        # What others keep in our schema is theirs.
        await other.execute("create table private.theirs (id integer)")
        await rollback(second, None)
        cursor = await other.execute("select relname from pg_class where relnamespace = 'private'::regnamespace")
        assert await cursor.fetchall() == [("theirs",)]


async def test_roles_go_with_the_database_that_made_them(new_server: EmbeddedPostgres) -> None:
    only = await asyncio.to_thread(create, new_server, "only_db")
    async with await psycopg.AsyncConnection.connect(only, autocommit=True) as conn:
        untouched = await picture(conn)
        await migrate(only)
        assert await roles(conn) == {"anon", "authenticated", "service_role"}
        await rollback(only, None)
        assert differences(untouched, await picture(conn)) == []

        # Those that an administrator made before stay as they were.
        for role in ("anon", "authenticated", "service_role"):
            await conn.execute(f"create role {role}")
        untouched = await picture(conn)
        await migrate(only)
        await rollback(only, None)
        assert differences(untouched, await picture(conn)) == []


async def test_an_ordinary_owner_goes_to_base_and_back(new_server: EmbeddedPostgres) -> None:
    superuser = await asyncio.to_thread(create, new_server, "modest_db")
    async with await psycopg.AsyncConnection.connect(superuser, autocommit=True) as conn:
        await conn.execute("create role modest login createrole password 'secret'")
        await conn.execute("alter database modest_db owner to modest")
    dsn = make_conninfo(superuser, user="modest", password="secret")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        untouched = await picture(conn)
        await migrate(dsn)
        final = await picture(conn)
        assert all(step.problem is None for step in await verify(dsn))
        await rollback(dsn, None)
        assert differences(untouched, await picture(conn)) == []
        await migrate(dsn)
        assert differences(final, await picture(conn)) == []
