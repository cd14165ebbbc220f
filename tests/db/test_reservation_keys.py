"""An idempotency key takes its units once, and is free again when nothing came of them."""

import asyncio
from typing import Any

import pytest
from tests.db.quotas import Quotas
from tests.db.reservations import expire, refused, release, reserve, settle, sweep, used

from blogai.db.database import Connection


async def test_a_repeated_key_takes_nothing_more(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    first = await reserve(service_conn, units=2, key="k")
    again = await reserve(service_conn, units=2, key="k")
    assert again["reservation_id"] == first["reservation_id"]
    assert (again["replayed"], again["state"]) == (True, "open")
    assert await used(quotas) == (2, 2, 0)
    await settle(service_conn, first["reservation_id"])
    settled = await reserve(service_conn, units=2, key="k")
    assert (settled["replayed"], settled["state"]) == (True, "settled")
    assert await used(quotas) == (2, 2, 10)


async def test_a_key_is_replayed_even_when_the_quota_is_full(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann")
    first = await reserve(service_conn, units=2, key="k")
    assert (await reserve(service_conn, units=2, key="k"))["reservation_id"] == first["reservation_id"]


async def test_a_key_belongs_to_one_operation_and_one_user(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    await quotas.user("bob", "starter")
    first = await reserve(service_conn, "ann", 2, "k")
    assert await refused(reserve(service_conn, "ann", 3, "k")) == "ZCNFL"
    other = await reserve(service_conn, "bob", 3, "k")
    assert other["reservation_id"] != first["reservation_id"]


async def test_a_key_is_free_again_after_nothing_came_of_it(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "starter")
    first = await reserve(service_conn, key="k")
    await release(service_conn, first["reservation_id"])
    second = await reserve(service_conn, key="k")
    assert second["replayed"] is False
    await expire(owner)
    third = await reserve(service_conn, key="k")
    assert len({first["reservation_id"], second["reservation_id"], third["reservation_id"]}) == 3
    assert await settle(service_conn, second["reservation_id"]) is True, "what the expired one made counts"
    assert await used(quotas) == (2, 2, 10)
    assert await quotas.differences() == []


async def test_two_calls_at_once_with_one_key_take_one(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    async with quotas.consumers(8) as conns:

        async def call(conn: Connection) -> Any:
            cursor = await conn.execute(
                "select * from public.reserve_usage('ann', 'blog', 1, interval '1 minute', 'k')"
            )
            return (await cursor.fetchone())[0]  # type: ignore[index]

        found = await asyncio.gather(*map(call, conns))
    assert len(set(found)) == 1
    assert await used(quotas) == (1, 1, 0)


@pytest.mark.parametrize("key", ["", "k" * 201])
async def test_a_key_of_another_length_is_refused(quotas: Quotas, service_conn: Connection, key: str) -> None:
    await quotas.user("ann")
    assert await refused(reserve(service_conn, key=key)) == "ZINVL"
    assert await used(quotas) == (0, 0, 0)


async def test_what_was_settled_late_is_replayed(quotas: Quotas, service_conn: Connection, owner: Connection) -> None:
    await quotas.user("ann", "starter")
    late = await reserve(service_conn, units=2, key="k")
    await expire(owner)
    assert await sweep(service_conn) == 1
    assert await settle(service_conn, late["reservation_id"]) is True
    again = await reserve(service_conn, units=2, key="k")
    assert (again["replayed"], again["state"], again["reservation_id"]) == (True, "settled", late["reservation_id"])
    assert await used(quotas) == (2, 2, 10)


async def test_what_is_settled_late_leaves_its_key_to_who_has_taken_it(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "starter")
    late = await reserve(service_conn, units=2, key="k")
    await expire(owner)
    retry = await reserve(service_conn, units=3, key="k")
    assert await settle(service_conn, late["reservation_id"]) is True
    assert (await reserve(service_conn, units=3, key="k"))["reservation_id"] == retry["reservation_id"]
    assert await settle(service_conn, retry["reservation_id"]) is True
    assert await used(quotas) == (5, 5, 20)
    assert await quotas.differences() == []
