"""Those who change one user's counters at the same time take turns: no two wait for each other."""

import asyncio
import itertools
import random
from collections import Counter
from uuid import uuid4

import psycopg
import pytest
from tests.db.quotas import Quotas
from tests.db.reservations import expire, refused, release, reserve, settle, sweep, used

from blogai.db.database import Connection


@pytest.mark.parametrize("units", [None, 2], ids=["releasing", "settling in part"])
async def test_who_waits_for_the_quota_row_holds_no_open_reservation(
    quotas: Quotas, service_conn: Connection, owner: Connection, units: int | None
) -> None:
    """PostgreSQL may wait for a row in spite of SKIP LOCKED, when it was changed twice while it was looked at."""
    await quotas.user("ann", "starter")
    held = (await reserve(service_conn, units=3))["reservation_id"]
    async with quotas.consumers(1) as [other]:
        async with owner.transaction():
            await owner.execute("select from public.user_quotas where user_id = 'ann' for no key update")
            closing = asyncio.create_task(release(other, held) if units is None else settle(other, held, units))
            await quotas.blocked(other)
            await owner.execute("select from public.usage_reservations where id = %s for update nowait", [held])
        assert await closing is True
    assert await used(quotas) == ((0, 0, 0) if units is None else (2, 2, 10))
    assert await quotas.differences() == []


async def test_a_key_is_taken_again_while_its_reservation_is_released_and_settled(
    quotas: Quotas, service_conn: Connection
) -> None:
    await quotas.user("ann", "starter")
    first = (await reserve(service_conn, units=2, key="k"))["reservation_id"]
    async with quotas.consumers(2) as [late, retry]:
        async with service_conn.transaction():
            assert await release(service_conn, first) is True
            settling = asyncio.create_task(refused(settle(late, first)))
            retrying = asyncio.create_task(reserve(retry, units=2, key="k"))
            await quotas.blocked(late, retry)
        assert await settling == "ZCNFL"
        assert (await retrying)["replayed"] is False
    assert await used(quotas) == (2, 2, 0)
    assert await quotas.differences() == []


async def test_a_key_is_taken_again_while_its_reservation_is_swept_and_settled(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "starter")
    first = (await reserve(service_conn, units=2, key="k"))["reservation_id"]
    await expire(owner)
    async with quotas.consumers(2) as [late, retry]:
        async with service_conn.transaction():
            assert await sweep(service_conn) == 1
            settling = asyncio.create_task(settle(late, first))
            retrying = asyncio.create_task(reserve(retry, units=2, key="k"))
            await quotas.blocked(late, retry)
        assert await settling is True
        again = await retrying
    # whichever came first: what was made is replayed, or made once more
    assert (again["reservation_id"] == first) == again["replayed"]
    assert await used(quotas) == ((2, 2, 10) if again["replayed"] else (4, 4, 10))
    assert await quotas.differences() == []


async def test_two_who_settle_late_at_once_count_it_once(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    await quotas.user("ann", "starter")
    late = (await reserve(service_conn, units=3))["reservation_id"]
    await expire(owner)
    await sweep(service_conn)
    async with quotas.consumers(6) as conns:
        assert sorted(await asyncio.gather(*(settle(conn, late, 2) for conn in conns))) == [False] * 5 + [True]
    assert await used(quotas) == (2, 2, 10)
    assert await quotas.differences() == []


async def test_a_release_while_it_is_settled_gives_nothing_back(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    held = (await reserve(service_conn, units=3))["reservation_id"]
    async with quotas.consumers(1) as [other]:
        async with service_conn.transaction():
            assert await settle(service_conn, held) is True
            releasing = asyncio.create_task(release(other, held))
            await quotas.blocked(other)
        assert await releasing is False
    assert await used(quotas) == (3, 3, 10)
    assert await quotas.differences() == []


async def test_a_part_is_settled_while_another_settles_all(quotas: Quotas, service_conn: Connection) -> None:
    await quotas.user("ann", "starter")
    held = (await reserve(service_conn, units=3))["reservation_id"]
    async with quotas.consumers(1) as [other]:
        async with service_conn.transaction():
            assert await settle(service_conn, held) is True
            settling = asyncio.create_task(settle(other, held, 1))
            await quotas.blocked(other)
        assert await settling is False
    assert await used(quotas) == (3, 3, 10)
    assert await quotas.differences() == []


async def test_a_part_is_settled_late_while_another_settles_late(
    quotas: Quotas, service_conn: Connection, owner: Connection
) -> None:
    """One began when it was open and waits for the quota row; one came when it had expired and has the reservation."""
    await quotas.user("ann", "starter")
    held = (await reserve(service_conn, units=3))["reservation_id"]
    await expire(owner)
    async with quotas.consumers(3) as [between, early, late]:
        async with between.transaction():
            async with service_conn.transaction():
                assert await sweep(service_conn) == 1
                row = "select from public.user_quotas where user_id = 'ann' for no key update"
                holding = asyncio.create_task(between.execute(row))
                await quotas.blocked(between)
                in_part = asyncio.create_task(settle(early, held, 1))
                await quotas.blocked(early)
            await holding
            in_whole = asyncio.create_task(settle(late, held))
            await quotas.blocked(late)
        done = await in_part, await in_whole
    assert sorted(done) == [False, True]
    assert await used(quotas) == ((1, 1, 10) if done[0] else (3, 3, 10))
    assert await quotas.differences() == []


async def test_retries_expiries_and_double_decisions_at_once(quotas: Quotas) -> None:
    """Six keys among 16 callers who decide what others took, and half of whose units expire at once."""
    await quotas.user("ann", "pro", used_before=150)
    await quotas.owner.execute("update public.tier_limits set daily_limit = 40 where tier = 'pro'")
    answers: Counter[str | None] = Counter()
    taken = [uuid4()]
    done = asyncio.Event()

    async def sweeping(conn: Connection) -> None:
        while not done.is_set():
            await conn.execute("select public.sweep_reservations()")

    async def call(conn: Connection, seed: int) -> None:
        chance = random.Random(seed)
        for turn in range(40):
            try:
                key = chance.choice([None, *(f"key {turn // 8} {n}" for n in range(6))])
                expires_in = chance.choice(["1 millisecond", "1 minute"])
                cursor = await conn.execute(
                    "select reservation_id from public.reserve_usage('ann', 'book', 2, %s::interval, %s)",
                    [expires_in, key],
                )
                taken.extend(itertools.chain(*await cursor.fetchall()))
            except psycopg.DatabaseError as exc:
                answers[exc.sqlstate] += 1
            held = chance.choice(taken[-8:])
            try:
                match chance.randrange(4):
                    case 0:
                        await settle(conn, held, 1)
                    case 1:
                        await settle(conn, held)
                    case _:
                        await release(conn, held)
                answers[None] += 1
            except psycopg.DatabaseError as exc:
                answers[exc.sqlstate] += 1

    async with quotas.consumers(17) as [sweeper, *conns]:
        beside = asyncio.create_task(sweeping(sweeper))
        await asyncio.gather(*(call(conn, seed) for seed, conn in enumerate(conns)))
        done.set()
        await beside
    assert answers[None] > 100
    assert set(answers) <= {None, "ZQUOT", "ZCNFL", "ZNTFD"}, "used up, released before, or never there; nothing else"
    assert await quotas.differences() == []
