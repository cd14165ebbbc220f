"""The pipeline and the library where the owner of the schema is no superuser, so that policies bind him too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from tests.content.models import pieces_of, providers_of, settings_in
from tests.content.operations import Sections
from tests.db.connecting import owner

from blogai.content import library_queries
from blogai.content.library import Filter, Library
from blogai.content.runs import Runs
from blogai.db.database import Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.login import create_login
from blogai.db.migrate import migrate, rollback

ANN, BOB = Actor.user("ann"), Actor.user("bob")
FILL = """
insert into public.generated_content (tool_id, inputs, title, output, user_hash)
select 'tool', '{}', 'Piece ' || i, string_agg('word' || (i * 31 + w * 7919) % 5000, ' '), 'hash-' || i % 20
  from generate_series(1, 20000) as i, generate_series(1, 40) as w
 group by i
"""


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


async def scans(conn: Connection) -> int:
    cursor = await conn.execute("select pg_stat_get_xact_numscans('public.idx_generated_content_search'::regclass)")
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def search(conn: Connection, words: str) -> list[str | None]:
    found = await library_queries.list_content(
        conn,
        owner="hash-7",
        search=words,
        favorites=False,
        tool_id=None,
        provider=None,
        since=None,
        until=None,
        before=None,
        limit=20,
    )
    return [item.title for item in found]


async def test_everything_works_for_an_ordinary_owner(owner_url: str, modest: Database, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, run_lease=1.0)
    async with providers_of(settings, test=pieces_of("Bees fly.")) as providers:
        runs, library = Runs(modest, providers, settings), Library(modest)
        run = await runs.start(ANN, Sections(), provider="test", idempotency_key="one")
        events = [event async for event in runs.events(ANN, run.id)]
        ended = await runs.wait(ANN, run.id)
        assert ended.status == "finished"
        assert [event async for event in Runs(modest, providers, settings).events(ANN, run.id)] == events
        assert ended.content_id is not None
        await library.edit(ANN, ended.content_id, title="Roofs")
        assert [each.title for each in await library.versions(ANN, ended.content_id)] == ["About bees"]
        await library.delete(ANN, ended.content_id)
        restored = await library.restore(ANN, ended.content_id)
        assert (restored.title, restored.run_id) == ("Roofs", run.id)
        assert [item.title for item in (await library.page(ANN, Filter(search="bees fly"))).items] == ["Roofs"]
        assert (await library.page(BOB, Filter(search="bees fly"))).items == []
        dead = await runs.start(BOB, Sections(), provider="test")
        await runs.close(grace=30)
        async with owner(owner_url) as conn:
            await conn.execute(
                "update generation_runs set status = 'running', finished_at = null, heartbeat_at = '2020-01-01'"
                " where id = %s",
                [dead.id],
            )
            # until the server itself has been up for a lease, no run counts as dead
            await conn.execute("select pg_sleep_until(pg_postmaster_start_time() + interval '1.1 s')")
        assert await runs.sweep() == 1
        await rollback(owner_url, 14)
        await migrate(owner_url)


async def test_a_search_uses_its_index_under_the_callers_policies(owner_url: str, modest: Database) -> None:
    async with owner(owner_url) as conn:
        await conn.execute(FILL)
        await conn.execute("analyze public.generated_content")
    actor = Actor(role="authenticated", claims={"sub": "ann", "user_hash": "hash-7"})
    async with modest.transaction(actor) as conn:
        before = await scans(conn)
        for number in range(8):  # more often than the server waits before it would take a generic plan
            found = await search(conn, f"word{number} word{(number + 7919) % 5000}")
            assert all(title is not None and int(title.removeprefix("Piece ")) % 20 == 7 for title in found)
        assert await search(conn, '"piece 27"') == ["Piece 27"]
        assert await scans(conn) == before + 9
