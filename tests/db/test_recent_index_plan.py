"""idx_usage_records_recent covers recent rows alone, so the planner uses it only for a window that it can see."""

from psycopg import sql

from blogai.db.database import Actor, Connection, acting_as

INDEX = "idx_usage_records_recent"
BEFORE, WITHIN = "2025-06-15 12:00:00+00", "2026-06-15 12:00:00+00"


async def fill(conn: Connection) -> None:
    """One user with 30 recent records, and a log of 20,000 that are almost all older than the bound."""
    await conn.execute(
        "insert into public.usage_records (user_id, operation_type, timestamp)"
        " select 'user-' || i %% 50, 'blog', %s::timestamptz - i * interval '1 minute'"
        " from generate_series(1, 20000) i",
        [BEFORE],
    )
    await conn.execute(
        "insert into public.usage_records (user_id, operation_type, tokens_used, timestamp)"
        " select 'user-1', 'tool', 2, %s::timestamptz + i * interval '1 minute' from generate_series(1, 30) i",
        [WITHIN],
    )
    await conn.execute("analyze public.usage_records")


async def scans(conn: Connection) -> int:
    cursor = await conn.execute("select pg_stat_get_xact_numscans(%s::regclass)", [f"public.{INDEX}"])
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def plan(conn: Connection, start: sql.Composable) -> str:
    statement = sql.SQL(
        "explain select count(*) from public.usage_records where user_id = 'user-1' and timestamp >= {}"
    ).format(start)
    return "\n".join(row[0] for row in await (await conn.execute(statement)).fetchall())


async def test_the_breakdown_of_a_recent_window_uses_the_index(owner_conn: Connection) -> None:
    async with owner_conn.transaction():
        await fill(owner_conn)
        async with acting_as(owner_conn, Actor.service()):
            before = await scans(owner_conn)
            for _ in range(8):  # more often than the server waits before it would take a generic plan
                cursor = await owner_conn.execute(
                    "select * from public.get_usage_breakdown('user-1', '2026-06-01 00:00+00', '2026-07-01 00:00+00')"
                )
                assert await cursor.fetchall() == [("tool", 30, 60)]
            assert await scans(owner_conn) == before + 8


async def test_the_breakdown_of_an_old_window_is_right_without_it(owner_conn: Connection) -> None:
    async with owner_conn.transaction():
        await fill(owner_conn)
        async with acting_as(owner_conn, Actor.service()):
            before = await scans(owner_conn)
            cursor = await owner_conn.execute(
                "select * from public.get_usage_breakdown('user-1', '2025-01-01 00:00+00', '2027-01-01 00:00+00')"
            )
            assert await cursor.fetchall() == [("blog", 400, 0), ("tool", 30, 60)]
            assert await scans(owner_conn) == before


async def test_the_planner_needs_to_see_the_start_of_the_window(owner_conn: Connection) -> None:
    async with owner_conn.transaction():
        await fill(owner_conn)
        assert INDEX in await plan(owner_conn, sql.SQL("'2026-06-01 00:00+00'"))
        assert INDEX not in await plan(owner_conn, sql.SQL("now() - interval '1 day'"))
        assert INDEX not in await plan(owner_conn, sql.SQL("'2025-12-01 00:00+00'"))
