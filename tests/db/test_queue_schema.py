"""The queue's schema: procrastinate's own, installed once, upgraded by what is new, never touched otherwise."""

import re
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager

from blogai.db import queue_schema
from blogai.db.catalog import Picture, differences, picture
from blogai.db.database import Connection
from blogai.errors import MigrationError

SHIPPED = {path.name: path.read_text() for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))}


@pytest.fixture
async def conn(owner_conn: Connection) -> Connection:
    """The owner, with the queue installed."""
    await queue_schema.install(owner_conn)
    return owner_conn


async def test_installed_once(conn: Connection) -> None:
    before = await picture(conn)
    assert await queue_schema.install(conn) == []
    assert differences(before, await picture(conn)) == []
    assert not await queue_schema.pending(conn)


async def test_removed_and_installed_again_is_the_same(conn: Connection) -> None:
    before = await picture(conn)
    await conn.execute("insert into queue.procrastinate_jobs (queue_name, task_name) values ('default', 'tidy')")
    await queue_schema.remove(conn)
    assert await queue_schema.pending(conn)
    assert not [name for name in await picture(conn) if "queue" in name]
    await queue_schema.install(conn)
    assert differences(before, await picture(conn)) == []


async def test_newer_procrastinate_applies_what_is_new(conn: Connection) -> None:
    """From the very first version, which is the longest way that an upgrade can have."""
    fresh = await picture(conn)
    await queue_schema.remove(conn)
    first, *later = SHIPPED
    async with conn.transaction():
        await conn.execute("create schema queue")
        await conn.execute("comment on schema queue is 'Job queue (procrastinate) of Blog AI.'")
        await conn.execute("set local search_path = queue")
        await conn.execute(SHIPPED[first])
        await conn.execute(queue_schema.RECORD)
        await conn.execute("insert into blogai_migrations values (%s, '0.0.1')", [first])
    assert await queue_schema.pending(conn)
    assert await queue_schema.install(conn) == later
    assert not await queue_schema.pending(conn)
    # Columns that came later stand last; nothing else differs.
    assert differences(without_places(fresh), without_places(await picture(conn))) == []


def without_places(picture: Picture) -> Picture:
    return {name: re.sub(r"^\d+; ", "", text) if name.startswith("column") else text for name, text in picture.items()}


async def test_older_procrastinate_refuses(conn: Connection) -> None:
    await conn.execute("insert into queue.blogai_migrations values ('99.00.00_01_pre_future.sql', '99.0.0')")
    for work in (queue_schema.install(conn), queue_schema.pending(conn)):
        with pytest.raises(MigrationError, match=r"99\.00\.00_01_pre_future\.sql, which procrastinate") as caught:
            await work
        assert caught.value.remedy


async def test_somebody_elses_schema_refuses(conn: Connection) -> None:
    await queue_schema.remove(conn)
    await conn.execute("create schema queue")
    with pytest.raises(MigrationError, match="a schema queue that is not ours") as caught:
        await queue_schema.install(conn)
    assert caught.value.remedy


async def test_functions_work_whatever_the_search_path(conn: Connection) -> None:
    async with conn.transaction():
        await conn.execute("set local search_path = ''")
        cursor = await conn.execute(
            "select queue.procrastinate_defer_jobs_v1("
            "array[row('default', 'content:tidy', 0, null, null, '{}', null)]::queue.procrastinate_job_to_defer_v1[])"
        )
        row = await cursor.fetchone()
    assert row
    assert len(row[0]) == 1
