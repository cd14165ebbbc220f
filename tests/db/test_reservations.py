"""Reserved units are settled, released or swept: each once, and nothing that was made is lost."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.db.quotas import Quotas
from tests.db.reservations import expire, refused, release, reserve, settle, sweep, used

from blogai.db.database import Connection


async def test_a_reservation_counts_until_it_is_settled(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    held = await reserve(service_conn, units=3)
    assert (held["state"], held["units"], held["replayed"]) == ("open", 3, False)
    assert await used(quotas) == (3, 3, 0)
    assert await quotas.logged("ann") == 0
    assert await settle(service_conn, held["reservation_id"], tokens=100) is True
    assert await used(quotas) == (3, 3, 100)
    assert await quotas.logged("ann") == 3
    assert await quotas.differences() == []


async def test_one_row_is_one_unit_and_the_tokens_add_up(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    held = await reserve(service_conn, units=3)
    await settle(service_conn, held["reservation_id"], tokens=100)
    cursor = await service_conn.execute(
        "select operation_type, tokens_used, metadata from public.usage_records where user_id = 'ann'"
        " order by metadata -> 'unit'"
    )
    rows = await cursor.fetchall()
    assert [row["tokens_used"] for row in rows] == [34, 33, 33]
    assert {row["operation_type"] for row in rows} == {"book"}
    assert rows[0]["metadata"] == {"run": "r", "unit": 1, "units": 3}


async def test_fewer_units_than_reserved_free_the_rest(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    held = await reserve(service_conn, units=8)
    assert await settle(service_conn, held["reservation_id"], units=5) is True
    assert await used(quotas) == (5, 5, 10)
    assert await quotas.logged("ann") == 5
    assert await quotas.differences() == []


@pytest.mark.parametrize("units", [0, -1, 4])
async def test_other_units_than_reserved_are_refused(quotas: Quotas, service_conn: Connection, units: int) -> None:
    await quotas.user("ann", "starter")
    held = await reserve(service_conn, units=3)
    assert await refused(settle(service_conn, held["reservation_id"], units=units)) == "ZINVL"
    assert await used(quotas) == (3, 3, 0)


async def test_negative_tokens_are_refused(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann")
    held = await reserve(service_conn)
    assert await refused(settle(service_conn, held["reservation_id"], tokens=-1)) == "ZINVL"


async def test_settling_twice_counts_once(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann")
    held = await reserve(service_conn)
    assert await settle(service_conn, held["reservation_id"]) is True
    assert await settle(service_conn, held["reservation_id"]) is False
    assert await release(service_conn, held["reservation_id"]) is False
    assert await used(quotas) == (1, 1, 10)
    assert await quotas.logged("ann") == 1


async def test_releasing_twice_gives_back_once(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", used_before=1)
    held = await reserve(service_conn)
    assert await release(service_conn, held["reservation_id"]) is True
    assert await release(service_conn, held["reservation_id"]) is False
    assert await used(quotas) == (1, 0, 3)
    assert await refused(settle(service_conn, held["reservation_id"])) == "ZCNFL"
    assert await quotas.differences() == []


async def test_an_unknown_reservation_cannot_be_settled(service_conn: Connection) -> None:
    assert await refused(settle(service_conn, uuid4())) == "ZNTFD"
    assert await release(service_conn, uuid4()) is False


async def test_the_sweep_gives_back_what_expired(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann", "starter")
    await quotas.user("bob", "starter")
    await reserve(service_conn, "ann", 2)
    await reserve(service_conn, "bob", 3)
    await expire(owner)
    await reserve(service_conn, "bob", 1)
    assert await sweep(service_conn) == 2
    assert await sweep(service_conn) == 0
    assert await used(quotas, "ann") == (0, 0, 0)
    assert await used(quotas, "bob") == (1, 1, 0)
    assert await quotas.differences() == []


async def test_the_sweep_does_not_wait_for_a_busy_user(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann")
    await reserve(service_conn)
    await expire(owner)
    async with owner.transaction():
        await owner.execute("select from public.user_quotas where user_id = 'ann' for update")
        assert await asyncio.wait_for(sweep(service_conn), 10) == 0
    assert await sweep(service_conn) == 1


async def test_a_reservation_whose_quota_row_is_gone_is_closed(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann")
    held = await reserve(service_conn)
    other = await reserve(service_conn)
    await owner.execute("delete from public.user_quotas where user_id = 'ann'")
    assert await settle(service_conn, other["reservation_id"]) is True
    await expire(owner)
    assert await sweep(service_conn) == 1
    assert await release(service_conn, held["reservation_id"]) is False
    assert await quotas.logged("ann") == 1


async def test_a_user_need_not_wait_for_the_sweep(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann")
    await reserve(service_conn, units=2)
    assert await refused(reserve(service_conn)) == "ZQUOT"
    await expire(owner)
    cursor = await service_conn.execute("select * from public.check_quota_available('ann')")
    checked = await cursor.fetchone()
    assert (checked["quota_available"], checked["current_usage"]) == (True, 0)  # type: ignore[index]
    await reserve(service_conn, units=2)
    assert await used(quotas) == (2, 2, 0)
    assert await quotas.differences() == []


async def test_what_was_made_after_expiry_is_recorded_all_the_same(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann")
    late = await reserve(service_conn, units=2)
    await expire(owner)
    assert await sweep(service_conn) == 1
    await reserve(service_conn, units=2)
    assert await settle(service_conn, late["reservation_id"], units=1) is True
    assert await used(quotas) == (3, 3, 10), "above the limit of 2 a day, since it was made"
    assert await quotas.logged("ann") == 1
    assert await refused(reserve(service_conn)) == "ZQUOT"
    assert await quotas.differences() == []


async def test_expired_but_not_swept_is_settled_once(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann")
    held = await reserve(service_conn)
    await expire(owner)
    assert await settle(service_conn, held["reservation_id"]) is True
    assert await sweep(service_conn) == 0
    assert await used(quotas) == (1, 1, 10)


async def test_a_failed_transaction_takes_nothing(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann")
    async with service_conn.transaction(force_rollback=True):
        await reserve(service_conn)
    assert await used(quotas) == (0, 0, 0)


async def test_closed_reservations_are_forgotten_in_the_end(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "starter")
    done = await reserve(service_conn, key="k")
    await reserve(service_conn)
    await settle(service_conn, done["reservation_id"])
    await owner.execute(
        "update public.usage_reservations set closed_at = now() - interval '40 days' where state <> 'open'"
    )
    cursor = await service_conn.execute("select private.forget_reservations() as n")
    assert await cursor.fetchone() == {"n": 1}
    left = await quotas.one("select count(*) as n from public.usage_reservations where state = 'open'")
    assert left["n"] == 1


async def test_a_settled_unit_without_a_key_leaves_its_row_of_the_log_alone(
    quotas: Quotas, service_conn: Connection
) -> None:
    await quotas.user("ann", "starter")
    plain, keyed = await reserve(service_conn), await reserve(service_conn, key="k")
    await settle(service_conn, plain["reservation_id"])
    await settle(service_conn, keyed["reservation_id"])
    kept = await quotas.one("select array_agg(id) as ids from public.usage_reservations")
    assert kept["ids"] == [keyed["reservation_id"]]
    logged = await quotas.one("select tokens_used from public.usage_records where id = %s", plain["reservation_id"])
    assert logged["tokens_used"] == 10


async def test_settling_does_not_wait_for_the_quota_row(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "starter")
    one, three = await reserve(service_conn), await reserve(service_conn, units=3)
    async with owner.transaction():
        await owner.execute("select from public.user_quotas where user_id = 'ann' for update")
        assert await asyncio.wait_for(settle(service_conn, one["reservation_id"]), 10)
        assert await asyncio.wait_for(settle(service_conn, three["reservation_id"]), 10)
    assert await used(quotas) == (4, 4, 20)
    assert await quotas.differences() == []


async def test_two_settling_one_unit_at_once_count_it_once(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    held = await reserve(service_conn)
    async with quotas.consumers(6) as conns:

        async def call(conn: Connection) -> bool:
            cursor = await conn.execute("select public.settle_usage(%s, 1, 10)", [held["reservation_id"]])
            return bool((await cursor.fetchone())[0])  # type: ignore[index]

        assert sorted(await asyncio.gather(*map(call, conns))) == [False] * 5 + [True]
    assert await used(quotas) == (1, 1, 10)
    assert await quotas.logged("ann") == 1


@pytest.mark.parametrize("operation", ["'poem'", "null"])
async def test_an_unknown_operation_is_refused(quotas: Quotas, service_conn: Connection, operation: str) -> None:
    await quotas.user("ann")
    with pytest.raises(psycopg.IntegrityError):
        await service_conn.execute(f"select public.reserve_usage('ann', {operation})".encode())
    assert await used(quotas) == (0, 0, 0)


async def test_only_the_functions_write_reservations(service_conn: Connection) -> None:
    for statement in (
        "insert into public.usage_reservations (user_id, operation_type, units, expires_at)"
        " values ('ann', 'blog', 1, now())",
        "update public.usage_reservations set state = 'open'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await service_conn.execute(statement.encode())


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation_type": "poem"},
        {"units": 0},
        {"units": -1},
        {"state": "lost", "closed_at": "now"},
        {"state": "open", "closed_at": "now"},
        {"state": "released"},
        {"state": "settled", "settled_units": 1},
        {"state": "settled", "closed_at": "now"},
        {"state": "released", "closed_at": "now", "settled_units": 1},
        {"settled_units": 1},
        {"state": "settled", "closed_at": "now", "settled_units": 0},
        {"state": "settled", "closed_at": "now", "settled_units": 4},
        {"idempotency_key": ""},
        {"idempotency_key": "k" * 201},
    ],
    ids=str,
)
async def test_an_impossible_reservation_is_refused_to_its_owner_too(owner: Connection, wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"user_id": "ann", "operation_type": "book", "units": 3, "expires_at": "infinity"}
    insert = "insert into public.usage_reservations ({}) values ({})"

    async def write(row: dict[str, Any]) -> None:
        statement = insert.format(", ".join(row), ", ".join(["%s"] * len(row)))
        await owner.execute(statement.encode(), list(row.values()))

    await write(right)
    with pytest.raises(psycopg.errors.CheckViolation):
        await write(right | wrong)
    values = ", ".join(f"{name} = %s" for name in wrong)
    with pytest.raises(psycopg.errors.CheckViolation):
        await owner.execute(f"update public.usage_reservations set {values}".encode(), list(wrong.values()))
