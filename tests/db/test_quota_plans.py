"""Reservations are found by key, however few there were when a session made its plans."""

from tests.db.quotas import Quotas

from blogai.db.database import Connection

LONG_ENOUGH = 12
"""Calls in one session: PostgreSQL makes the plan that it keeps at the sixth."""


async def scans(owner: Connection) -> int:
    """How often the reservations were read from end to end."""
    cursor = await owner.execute(
        "select seq_scan from pg_stat_user_tables where relid = 'public.usage_reservations'::regclass"
    )
    return (await cursor.fetchone())[0]  # type: ignore[index,no-any-return]


async def scans_of(statement: str, service: Connection, owner: Connection) -> int:
    """Whole readings of the table by a session that meets it just after a VACUUM has emptied it."""
    await service.execute("set role service_role")
    await owner.execute("vacuum analyze public.usage_reservations")
    before = await scans(owner)
    for number in range(LONG_ENOUGH):
        await service.execute(statement.replace("KEY", f"'key-{number}'").encode())
    await service.execute("reset role")
    await service.execute("select pg_stat_force_next_flush()")
    await service.execute("select")
    return await scans(owner) - before


async def test_to_settle_reads_no_table(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann", "business")
    call = "select public.settle_usage(reservation_id) from public.reserve_usage('ann', 'blog')"
    assert await scans_of(call, service_conn, owner) == 0
    assert await quotas.logged("ann") == LONG_ENOUGH


async def test_to_release_reads_no_table(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann", "business")
    call = "select public.release_usage(reservation_id) from public.reserve_usage('ann', 'blog')"
    assert await scans_of(call, service_conn, owner) == 0
    assert (await quotas.row("ann"))["month_used"] == 0


async def test_a_key_reads_no_table(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann", "business")
    call = "select public.reserve_usage('ann', 'book', 3, p_idempotency_key => KEY)"
    assert await scans_of(call, service_conn, owner) == 0
    assert (await quotas.row("ann"))["month_used"] == 3 * LONG_ENOUGH


async def test_to_settle_several_units_reads_no_table(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "business")
    call = "select public.settle_usage(reservation_id, 2) from public.reserve_usage('ann', 'book', 3)"
    assert await scans_of(call, service_conn, owner) == 0
    assert await quotas.logged("ann") == 2 * LONG_ENOUGH
    assert await quotas.differences() == []


async def test_to_look_reads_no_table(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann", "business")
    await quotas.user("bea", "business")
    await quotas.age("bea", "40 days")  # the answer for an ended window is worked out
    assert await scans_of("select public.check_quota_available('ann')", service_conn, owner) == 0
    assert await scans_of("select public.check_quota_available('bea')", service_conn, owner) == 0
