"""The runtime login: made with few rights, refused with too many or too few."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.db.connecting import owner

from blogai.db.database import Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.login import check_runtime_login, create_login
from blogai.db.migrate import migrate, pending
from blogai.errors import ConfigurationError, Conflict, Forbidden, MigrationError

NAMES = ("runner_login", "runner_group", "runner_owner")


@pytest.fixture(autouse=True)
async def _no_roles_left(owner_conn: Connection) -> AsyncIterator[None]:
    yield
    cursor = await owner_conn.execute(
        "select rolname from pg_roles where rolname = any (%s) order by array_position(%s::text[], rolname::text)",
        [list(NAMES), list(NAMES)],
    )
    found = await cursor.fetchall()
    for statement in ("drop owned by {} cascade", "drop role {}"):
        for (name,) in found:
            await owner_conn.execute(sql.SQL(statement).format(sql.Identifier(name)))


@asynccontextmanager
async def login(owner_dsn: str, name: str = "runner_login") -> AsyncIterator[Connection]:
    dsn = make_conninfo(owner_dsn, user=name, password="secret")
    async with await psycopg.AsyncConnection[Any].connect(dsn, autocommit=True) as conn:
        yield conn


async def test_created_login_works_and_holds_nothing(owner_dsn: str, owner_conn: Connection) -> None:
    made = await create_login(owner_dsn, "runner_login")
    assert len(made.password) >= 32
    assert made.password not in repr(made)
    cursor = await owner_conn.execute(
        "select rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolpassword"
        " from pg_authid where rolname = 'runner_login'"
    )
    row = await cursor.fetchone()
    assert row
    assert row[:-1] == (True, False, False, False, False, False)
    assert row[-1].startswith("SCRAM-SHA-256$")
    async with Database(made.url) as database:
        async with database.transaction(Actor.user("alice")) as conn:
            await conn.execute("select * from public.generated_content")
        async with database.transaction(Actor.service()) as conn:
            await conn.execute("select * from public.users")
    async with owner(made.url) as conn:
        await check_runtime_login(conn)
        assert await pending(conn) == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await conn.execute("select * from public.users")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await conn.execute("create table public.mine (id integer)")


async def test_url_keeps_the_place_and_drops_the_credentials(owner_dsn: str) -> None:
    given = make_conninfo(owner_dsn, sslmode="prefer", application_name="x", options="-c work_mem=1MB")
    url = (await create_login(given, "runner_login")).url
    before, after = conninfo_to_dict(given), conninfo_to_dict(url)
    assert url.startswith("postgresql://runner_login:")
    assert {key: after[key] for key in ("host", "dbname", "sslmode")} == {
        key: before[key] for key in ("host", "dbname", "sslmode")
    }
    assert "options" not in after
    assert after["user"] == "runner_login"


async def test_name_in_use(owner_dsn: str) -> None:
    await create_login(owner_dsn, "runner_login")
    with pytest.raises(Conflict, match="a role runner_login already"):
        await create_login(owner_dsn, "runner_login")


async def test_before_migrating(new_server: EmbeddedPostgres) -> None:
    with pytest.raises(ConfigurationError, match="do not exist") as caught:
        await create_login(new_server.owner_dsn("postgres"), "runner_login")
    assert "blogai db migrate" in str(caught.value)
    async with owner(new_server.app_dsn()) as conn:
        with pytest.raises(ConfigurationError, match="role anon does not exist"):
            await check_runtime_login(conn)
        assert (await pending(conn))[0] == "000_prepare_server"


async def test_ordinary_owner_makes_a_login(new_server: EmbeddedPostgres) -> None:
    async with owner(new_server.owner_dsn("postgres")) as conn:
        await conn.execute("create role runner_owner login createrole password 'secret'")
        await conn.execute("create database runner_db owner runner_owner")
    dsn = make_conninfo(new_server.owner_dsn("runner_db"), user="runner_owner", password="secret")
    await migrate(dsn)
    made = await create_login(dsn, "runner_login")
    async with owner(made.url) as conn:
        await check_runtime_login(conn)
        assert await pending(conn) == []
    async with Database(made.url) as database, database.transaction(Actor.service()) as conn:
        cursor = await conn.execute("select count(*) from public.tier_limits")
        assert (await cursor.fetchone() or [0])[0] > 0


async def test_owner_without_the_right_is_told_what_to_ask_for(owner_dsn: str, owner_conn: Connection) -> None:
    await owner_conn.execute("create role runner_owner login password 'secret'")
    dsn = make_conninfo(owner_dsn, user="runner_owner", password="secret")
    with pytest.raises(MigrationError) as caught:
        await create_login(dsn, "runner_login")
    assert caught.value.remedy == "Ask an administrator to run: alter role runner_owner createrole;"
    await owner_conn.execute("alter role runner_owner createrole")
    if owner_conn.info.server_version >= 160000:
        # Up to 15 CREATEROLE was enough to hand on any role but a superuser.
        with pytest.raises(MigrationError) as caught:
            await create_login(dsn, "runner_login")
        assert caught.value.remedy == (
            "Ask an administrator to run: grant anon, authenticated, service_role to runner_owner with admin option;"
        )
        await owner_conn.execute("grant anon, authenticated, service_role to runner_owner with admin option")
    database = owner_conn.info.dbname
    await owner_conn.execute(f"revoke connect on database {database} from public")
    await owner_conn.execute(f"grant connect on database {database} to runner_owner")
    with pytest.raises(MigrationError) as caught:
        await create_login(dsn, "runner_login")
    assert caught.value.remedy == (
        f"Ask an administrator to run: grant connect on database {database} to runner_owner with grant option;"
    )
    await owner_conn.execute(f"grant connect on database {database} to runner_owner with grant option")
    assert (await create_login(dsn, "runner_login")).name == "runner_login"


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ("alter role runner_login superuser", "is a superuser"),
        ("alter role runner_login bypassrls", "has BYPASSRLS"),
        ("alter table public.users owner to runner_login", "owns users"),
        ("alter table private.schema_migrations owner to runner_login", "owns private.schema_migrations"),
        (
            "alter table public.users owner to runner_group; grant runner_group to runner_login",
            "member of runner_group",
        ),
        (
            "alter table public.users owner to runner_owner; grant runner_owner to runner_group;"
            " grant runner_group to runner_login",
            "member of runner_owner, which owns our tables",
        ),
        ("alter role runner_group bypassrls; grant runner_group to runner_login", "member of runner_group, for whom"),
        ("revoke authenticated from runner_login", "may not take on the role authenticated"),
        ("revoke anon, service_role from runner_login", "may not take on the role anon, service_role"),
    ],
)
async def test_refused(owner_dsn: str, owner_conn: Connection, statements: str, reason: str) -> None:
    await owner_conn.execute(
        "create role runner_group; create role runner_owner;"
        "create role runner_login login noinherit password 'secret';"
        "grant anon, authenticated, service_role to runner_login"
    )
    async with login(owner_dsn) as conn:
        await check_runtime_login(conn)
        await owner_conn.execute(statements)
        with pytest.raises(ConfigurationError, match=reason) as caught:
            await check_runtime_login(conn)
        assert caught.value.remedy
        assert caught.value.exit_code == 2


async def test_the_owner_is_refused(owner_conn: Connection) -> None:
    with pytest.raises(ConfigurationError, match="is a superuser"):
        await check_runtime_login(owner_conn)


async def test_membership_without_set_is_not_enough(owner_dsn: str, owner_conn: Connection) -> None:
    if owner_conn.info.server_version < 160000:
        return  # there is no such membership
    await owner_conn.execute(
        "create role runner_login login noinherit password 'secret'; grant anon, authenticated to runner_login;"
        "grant service_role to runner_login with set false"
    )
    async with login(owner_dsn) as conn:
        with pytest.raises(ConfigurationError, match="may not take on the role service_role"):
            await check_runtime_login(conn)


async def test_the_history_is_closed_to_users(database: Database) -> None:
    for actor in (Actor.user("alice"), Actor(role="anon")):
        with pytest.raises(Forbidden):
            async with database.transaction(actor) as conn:
                await conn.execute("select * from private.schema_migrations")
    with pytest.raises(Forbidden):
        async with database.transaction(Actor.service()) as conn:
            await conn.execute("delete from private.schema_migrations")
