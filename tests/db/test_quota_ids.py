"""Reservations, and what the functions log, have ids in the order of time."""

from uuid import RFC_4122, UUID

from tests.db.quotas import Quotas

from blogai.db.database import Connection


def milliseconds(ordered: UUID) -> int:
    """The time in a UUID of version 7, since 1970."""
    return ordered.int >> 80


async def now(owner: Connection) -> int:
    cursor = await owner.execute("select (extract(epoch from clock_timestamp()) * 1000)::bigint")
    return (await cursor.fetchone())[0]  # type: ignore[index,no-any-return]


async def test_ids_are_uuids_in_the_order_of_time(owner: Connection) -> None:
    before = await now(owner)
    cursor = await owner.execute("select private.time_ordered_id() from generate_series(1, 5000)")
    ids = [row[0] for row in await cursor.fetchall()]
    after = await now(owner)
    assert {(found.version, found.variant) for found in ids} == {(7, RFC_4122)}
    assert len(set(ids)) == 5000
    times = [milliseconds(found) for found in ids]
    assert times == sorted(times)
    assert before - 1 <= times[0] <= times[-1] <= after + 1


async def test_the_function_of_ids_is_part_of_the_statement(owner: Connection) -> None:
    cursor = await owner.execute("explain verbose select private.time_ordered_id()")
    plan = " ".join(row[0] for row in await cursor.fetchall())
    assert "clock_timestamp" in plan
    assert "time_ordered_id" not in plan


async def test_what_the_functions_log_has_an_id_in_the_order_of_time(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "starter")
    before = await now(owner)
    cursor = await service_conn.execute(
        "select reservation_id as id, public.settle_usage(reservation_id) as done"
        " from public.reserve_usage('ann', 'blog')"
    )
    settled = await cursor.fetchone()
    cursor = await service_conn.execute("select record_id as id from public.increment_user_usage('ann', 'blog')")
    taken = await cursor.fetchone()
    cursor = await owner.execute("select id from public.usage_records")
    logged = [row[0] for row in await cursor.fetchall()]
    assert sorted(logged) == sorted([settled["id"], taken["id"]])  # type: ignore[index]
    for found in logged:
        assert found.version == 7
        assert before - 1 <= milliseconds(found) <= before + 60_000
