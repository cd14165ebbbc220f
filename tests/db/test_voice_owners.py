"""Samples and scores belong to whom their profile belongs, whoever writes them and whatever happens to the profile."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.db.connecting import owner
from tests.db.tenants import ANN, BOB, PROGRAM, changed, rows, value

from blogai.db.database import Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import migrate, rollback
from blogai.errors import Fault, Forbidden, MigrationError

TABLES = ("voice_samples", "voice_scores")
WRITE = {
    "voice_samples": "insert into public.voice_samples (profile_id, content{0}) values (%s, 'Text'{1})",
    "voice_scores": "insert into public.voice_scores (profile_id, content_id, overall_score, tone_match,"
    " vocabulary_match, style_match{0}) values (%s, 'c', 1, 1, 1, 1{1})",
}
OWNERS = "select user_hash from public.voice_samples union all select user_hash from public.voice_scores"


async def profile(conn: Connection, user_hash: str | None, slug: str = "voice") -> str:
    cursor = await conn.execute(
        "insert into public.brand_profiles (name, slug, user_hash) values ('', %s, %s) returning id::text",
        [slug, user_hash],
    )
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def write(conn: Connection, profile_id: str) -> None:
    """A sample and a score, as clients write them that know the document alone."""
    for statement in WRITE.values():
        await conn.execute(statement.format("", "").encode(), [profile_id])


async def owners(conn: Connection) -> list[str | None]:
    return [row[0] for row in await (await conn.execute(OWNERS)).fetchall()]


@pytest.mark.parametrize("user_hash", ["ann", None])
async def test_a_row_takes_the_owner_of_its_profile(owner_conn: Connection, user_hash: str | None) -> None:
    await write(owner_conn, await profile(owner_conn, user_hash))
    assert await owners(owner_conn) == [user_hash] * 2


@pytest.mark.parametrize("table", TABLES)
async def test_what_is_said_of_the_owner_is_not_asked_for(
    database: Database, owner_conn: Connection, table: str
) -> None:
    mine = await profile(owner_conn, ANN.user_hash)
    statement = WRITE[table].format(", user_hash", ", %s")
    await changed(database, PROGRAM, statement, mine, BOB.user_hash)
    assert await rows(database, PROGRAM, f"select user_hash from {table}") == [(ANN.user_hash,)]
    with pytest.raises(Fault, match="foreign key"):
        await changed(database, PROGRAM, f"update {table} set user_hash = %s", BOB.user_hash)
    await changed(database, PROGRAM, f"update {table} set user_hash = null")
    assert await rows(database, PROGRAM, f"select user_hash from {table}") == [(ANN.user_hash,)]
    for refused in (statement, f"update {table} set profile_id = %s, user_hash = %s"):
        with pytest.raises(Forbidden):
            await changed(database, ANN, refused, mine, BOB.user_hash)


async def test_a_row_that_moves_to_another_profile(database: Database, owner_conn: Connection) -> None:
    await write(owner_conn, await profile(owner_conn, ANN.user_hash))
    for user_hash, slug in ((BOB.user_hash, "bobs"), (None, "nobodys"), (ANN.user_hash, "anns")):
        other = await profile(owner_conn, user_hash, slug)
        for table in TABLES:
            assert await changed(database, PROGRAM, f"update {table} set profile_id = %s", other) == 1
        assert await owners(owner_conn) == [user_hash] * 2


async def test_a_profile_takes_its_rows_along(database: Database, owner_conn: Connection) -> None:
    await write(owner_conn, await profile(owner_conn, None))
    for user_hash in (ANN.user_hash, BOB.user_hash, None, None, ANN.user_hash):
        assert await changed(database, PROGRAM, "update brand_profiles set user_hash = %s", user_hash) == 1
        assert await owners(owner_conn) == [user_hash] * 2
    for table in TABLES:
        assert await value(database, ANN, f"select count(*) from {table}") == 1
        assert await value(database, BOB, f"select count(*) from {table}") == 0
    await changed(database, ANN, "delete from brand_profiles")
    assert await owners(owner_conn) == []


@pytest.mark.parametrize("before", [None, "ann"])
async def test_a_row_written_while_its_profile_changes_hands(
    owner_dsn: str, owner_conn: Connection, before: str | None
) -> None:
    """Whoever comes second waits for the first, and then sees what he did."""
    profile_id = await profile(owner_conn, before)
    async with (
        await psycopg.AsyncConnection.connect(owner_dsn) as first,
        await psycopg.AsyncConnection.connect(owner_dsn) as second,
    ):

        async def hand_over(conn: Connection, user_hash: str) -> None:
            await conn.execute("update public.brand_profiles set user_hash = %s", [user_hash])

        for writer, giver, user_hash in ((first, second, "bob"), (second, first, "zoe")):
            ways = (write(writer, profile_id), hand_over(giver, user_hash))
            now, later = ways if writer is first else reversed(ways)
            await now
            task = asyncio.create_task(later)
            await waits(owner_conn, second)
            await first.commit()
            await task
            await second.commit()
            assert set(await owners(owner_conn)) == {user_hash}


async def waits(conn: Connection, other: Connection) -> None:
    """Until the other connection waits for a lock."""
    while True:
        cursor = await conn.execute("select cardinality(pg_blocking_pids(%s))", [other.info.backend_pid])
        row = await cursor.fetchone()
        assert row is not None
        if row[0]:
            return
        await asyncio.sleep(0.01)


@pytest.fixture
async def modest(new_server: EmbeddedPostgres) -> AsyncIterator[tuple[str, Connection]]:
    """DSN and connection of an owner who may create roles and nothing more, of a migrated database."""
    async with owner(new_server.owner_dsn("postgres")) as conn:
        await conn.execute("create role modest login createrole password 'secret'")
        await conn.execute("create database modest owner modest")
    dsn = make_conninfo(new_server.owner_dsn("modest"), user="modest", password="secret")
    await migrate(dsn)
    async with owner(dsn) as conn:
        yield dsn, conn


async def test_rows_from_before_get_their_owner(modest: tuple[str, Connection]) -> None:
    """Where policies bind the owner of the schema as well."""
    dsn, conn = modest
    await rollback(dsn, 33)
    for user_hash in ("ann", "bob", None):
        await write(conn, await profile(conn, user_hash, f"of-{user_hash}"))
    await migrate(dsn, to=34)
    assert await owners(conn) == [None] * 6
    await write(conn, await profile(conn, "zoe"))
    await conn.execute("update public.brand_profiles set user_hash = 'eve' where user_hash = 'zoe'")
    await migrate(dsn)
    assert sorted(map(str, await owners(conn))) == ["None"] * 2 + ["ann"] * 2 + ["bob"] * 2 + ["eve"] * 2


async def test_a_migration_that_does_not_see_the_profiles_fails(modest: tuple[str, Connection]) -> None:
    dsn, conn = modest
    await rollback(dsn, 33)
    await write(conn, await profile(conn, "ann"))
    hide = 'alter policy "{}" on public.brand_profiles using ({})'
    policies = ("Owner can manage", "Service role has full access")  # the owner may have taken on the role
    for name in policies:
        await conn.execute(hide.format(name, "false").encode())
    await migrate(dsn, to=34)
    with pytest.raises(MigrationError, match="got their owner"):
        await migrate(dsn)
    for name in policies:
        await conn.execute(hide.format(name, "true").encode())
    await migrate(dsn)
    assert await owners(conn) == ["ann"] * 2
