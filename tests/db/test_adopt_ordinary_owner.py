"""Adopting where the owner is an ordinary role and a platform like Supabase has prepared the server."""

import pytest
from psycopg.conninfo import make_conninfo
from tests.db.connecting import owner
from tests.db.live import make, ours, take, totals

from blogai.db.adopt.owners import Owners
from blogai.db.catalog import differences, picture
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import migrate, verify
from blogai.errors import MigrationError

SERVER = """
create role modest login createrole noinherit password 'secret';
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role dashboard nologin;
grant anon, authenticated, service_role to modest with admin option;
"""

PLATFORM = """
alter schema public owner to modest;
create schema auth;
create function auth.uid() returns uuid language sql stable
    as $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create function auth.jwt() returns jsonb language sql stable
    as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.role() returns text language sql stable as $$ select auth.jwt() ->> 'role' $$;
create schema extensions;
create function extensions.uuid_generate_v4() returns uuid language sql volatile as 'select gen_random_uuid()';
grant usage on schema auth, extensions, public to modest, anon, authenticated, service_role, dashboard;
alter default privileges for role modest in schema public
    grant all on tables to anon, authenticated, service_role, dashboard;
alter default privileges for role modest in schema public
    grant all on functions to anon, authenticated, service_role, dashboard;
alter default privileges for role modest in schema public
    grant all on sequences to anon, authenticated, service_role, dashboard;
"""


@pytest.fixture
async def addresses(new_server: EmbeddedPostgres) -> tuple[str, str]:
    """The ordinary owner's DSNs of a live database and of an empty one, on the same platform."""
    async with owner(new_server.owner_dsn("postgres")) as conn:
        await conn.execute(SERVER)
        for name in ("live", "fresh"):
            await conn.execute(f"create database {name} owner modest")
            async with owner(new_server.owner_dsn(name)) as inside:
                await inside.execute(PLATFORM)
    return (
        make_conninfo(new_server.owner_dsn("live"), user="modest", password="secret"),
        make_conninfo(new_server.owner_dsn("fresh"), user="modest", password="secret"),
    )


async def test_the_same_as_a_fresh_installation(addresses: tuple[str, str]) -> None:
    live, fresh = addresses
    async with owner(live) as conn, owner(fresh) as other:
        await make(conn, platform=False, without=["009_create_templates"])
        # Forced row level security hides every row from such an owner, until the adoption takes it back.
        await conn.execute(
            "alter table public.users force row level security;"
            "alter table public.users alter column is_active set not null;"
            "alter table public.users alter column created_at drop not null;"
        )
        before = await totals(conn)
        assert before["users"] == 0
        report = await take(live, known=Owners(expression="md5(user_id)"))
        assert (await totals(conn))["users"] == 5
        assert {count.name: count.count for count in report.counts}["owners_found"] == 4
        await migrate(live)
        await migrate(fresh)
        assert [step.problem for step in await verify(live) if step.problem] == []
        assert differences(ours(await picture(other)), ours(await picture(conn))) == []


async def test_a_missing_right_is_named(addresses: tuple[str, str], new_server: EmbeddedPostgres) -> None:
    live, _ = addresses
    async with owner(live) as conn:
        await make(conn, platform=False, rows=False)
        before = await picture(conn)
        async with owner(new_server.owner_dsn("postgres")) as admin:
            await admin.execute("alter database live owner to postgres")
        with pytest.raises(MigrationError) as refused:
            await take(live)
        assert refused.value.remedy == "Ask an administrator to run: grant create on database live to modest;"
        assert differences(before, await picture(conn)) == []
