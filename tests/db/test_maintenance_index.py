"""The bound of idx_usage_records_recent follows the months, and queries never lose their index."""

import asyncio
from datetime import UTC, datetime

import pytest
from psycopg import sql
from tests.db.connecting import owner
from tests.db.operators import rows

from blogai.db.database import Connection
from blogai.db.operations import rolling_index
from blogai.db.operations.rolling_index import INDEX, LOCK, NEW, OLD, bound, is_due, roll
from blogai.db.session import connection
from blogai.errors import Conflict, MigrationError

SUMMER = datetime(2027, 7, 20, tzinfo=UTC)
SPRING = datetime(2027, 4, 1, tzinfo=UTC)


UNTIL_IT_WAITS = """
do $$
begin
    for attempt in 1..1000 loop
        perform pg_stat_clear_snapshot();
        exit when exists (select from pg_stat_activity
                           where query like 'create index concurrently%' and wait_event_type = 'Lock'
                             and datname = current_database());
        perform pg_sleep(0.01);
    end loop;
end
$$
"""


async def indexes(conn: Connection) -> dict[str, bool]:
    """Those of the family, and whether each is valid."""
    found = await rows(
        conn,
        "select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid"
        " where i.indrelid = 'public.usage_records'::regclass and c.relname like %s",
        f"{INDEX}%",
    )
    return {row["relname"]: row["indisvalid"] for row in found}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-22", "2026-08-01"),
        ("2027-01-31", "2026-10-01"),
        ("2027-03-01", "2026-12-01"),
        ("2027-04-01", "2027-01-01"),
    ],
)
def test_the_bound_is_the_third_month_before(moment: str, expected: str) -> None:
    assert rolling_index.target(datetime.fromisoformat(moment)) == datetime.fromisoformat(expected + "T00:00Z")


async def test_once_a_month(owner_conn: Connection) -> None:
    assert await bound(owner_conn) == datetime(2026, 1, 1, tzinfo=UTC)
    assert await is_due(owner_conn, SUMMER)
    assert await roll(owner_conn, SUMMER) == {"rebuilt": 1}
    await owner_conn.execute("set timezone = 'Pacific/Kiritimati'")
    assert await bound(owner_conn) == SPRING
    assert await roll(owner_conn, SUMMER) == {"rebuilt": 0}
    assert await roll(owner_conn, datetime(2027, 8, 1, tzinfo=UTC)) == {"rebuilt": 1}
    assert await indexes(owner_conn) == {INDEX: True}


async def test_the_definition_is_otherwise_the_same(owner_conn: Connection) -> None:
    look = "select pg_get_indexdef(%s::regclass) as text, obj_description(%s::regclass) as comment"
    (before,) = await rows(owner_conn, look, INDEX, INDEX)
    await roll(owner_conn, SUMMER)
    (after,) = await rows(owner_conn, look, INDEX, INDEX)
    assert after == {**before, "text": before["text"].replace("2026-01-01", "2027-04-01")}


@pytest.mark.parametrize("died", ["while building", "before the swap", "after the swap"])
async def test_what_a_dead_process_left(owner_conn: Connection, died: str) -> None:
    await owner_conn.execute(
        sql.SQL('create index {} on public.usage_records (user_id, "timestamp") where "timestamp" >= {}').format(
            sql.Identifier(NEW), sql.Literal(SPRING.isoformat())
        )
    )
    if died == "while building":
        await owner_conn.execute(
            "update pg_index set indisvalid = false where indexrelid = %s::regclass", [f"public.{NEW}"]
        )
    if died == "after the swap":
        await rolling_index.swap(owner_conn)
        assert await indexes(owner_conn) == {INDEX: True, OLD: True}
    assert await roll(owner_conn, SUMMER) == {"rebuilt": int(died != "after the swap")}
    assert await indexes(owner_conn) == {INDEX: True}
    assert await bound(owner_conn) == SPRING


async def test_writers_go_on_and_a_missing_index_comes_back(owner_conn: Connection, owner_dsn: str) -> None:
    await owner_conn.execute(sql.SQL("drop index {}").format(sql.Identifier(INDEX)))
    assert await bound(owner_conn) is None
    async with owner(owner_dsn) as reader:
        async with reader.transaction():
            # An open transaction that wrote holds up the build, which must not hold up anybody else.
            await reader.execute("insert into public.usage_records (user_id, operation_type) values ('ann', 'blog')")
            rolling = asyncio.create_task(roll(owner_conn, SUMMER))
            async with owner(owner_dsn) as writer:
                await writer.execute(UNTIL_IT_WAITS)
                await writer.execute("set statement_timeout = '5s'")
                await writer.execute(
                    "insert into public.usage_records (user_id, operation_type) values ('bob', 'blog')"
                )
            assert not rolling.done()
        assert await rolling == {"rebuilt": 1}
    assert await indexes(owner_conn) == {INDEX: True}


async def test_one_at_a_time(owner_conn: Connection, owner_dsn: str) -> None:
    async with owner(owner_dsn) as other:
        await other.execute("select pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(Conflict, match="Another process"):
            await roll(owner_conn, SUMMER)
    assert await bound(owner_conn) == datetime(2026, 1, 1, tzinfo=UTC)


async def test_the_runtime_login_is_refused(app_dsn: str, owner_conn: Connection) -> None:
    with pytest.raises(MigrationError, match="owner"):
        async with connection(app_dsn) as conn:
            await roll(conn, SUMMER)
    assert await indexes(owner_conn) == {INDEX: True}
