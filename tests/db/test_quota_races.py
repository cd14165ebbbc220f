"""Many consumers at once: exactly what the limits allow is admitted, and the counters equal the log."""

import asyncio
import sys
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from tests.db.quotas import LIMITS, Quotas

from blogai.db.database import Connection

SCENES = ("fresh", "nearly full", "expired", "expired, reset running", "tier flipping")


async def take(conn: Connection, attempts: int) -> int:
    """How many single units one consumer gets."""
    taken = 0
    for _ in range(attempts):
        cursor = await conn.execute("select success from public.increment_user_usage('ann', 'tool', 1)")
        row: Any = await cursor.fetchone()
        taken += row[0]
    return taken


async def hold_and_decide(conn: Connection, attempts: int, seed: int) -> tuple[int, int]:
    """Reserves, then settles or releases by turns: units settled, and units refused."""
    settled = refused = 0
    for number in range(seed, seed + attempts):
        units = 1 + number % 3
        try:
            cursor = await conn.execute("select reservation_id from public.reserve_usage('ann', 'book', %s)", [units])
        except psycopg.DatabaseError as exc:
            if exc.sqlstate != "ZQUOT":
                raise
            refused += units
            continue
        row: Any = await cursor.fetchone()
        match number % 4:
            case 0:
                await conn.execute("select public.release_usage(%s)", [row[0]])
            case 1:
                await conn.execute("select public.settle_usage(%s, 1, 5)", [row[0]])
                settled += 1
            case _:
                await conn.execute("select public.settle_usage(%s, null, 5)", [row[0]])
                settled += units
    return settled, refused


async def prepare(quotas: Quotas, tier: str, scene: str, most: int) -> int:
    """Sets the user up and says how many units there is room for; limits are cut to `most` to save time."""
    monthly, daily = (min(limit, most) for limit in LIMITS[tier])
    await quotas.owner.execute(
        "update public.tier_limits set monthly_limit = %s, daily_limit = %s where tier = %s", [monthly, daily, tier]
    )
    room = monthly if daily < 0 else min(monthly, daily)
    match scene:
        case "fresh":
            await quotas.user("ann", tier)
        case "nearly full" | "tier flipping":
            room = min(room, 3)
            await quotas.user("ann", tier, used_before=monthly - room)
        case _:
            await quotas.user("ann", tier, used_before=monthly)
            await quotas.age("ann", "70 days")
    return room


async def disturb(conn: Connection, statement: str, done: asyncio.Event) -> None:
    while not done.is_set():
        await conn.execute(statement.encode())


async def race(quotas: Quotas, tier: str, scene: str, *, consumers: int, most: int) -> tuple[int, int, int]:
    """Units there was room for, tried and taken."""
    expected = await prepare(quotas, tier, scene, most)
    before = await quotas.logged("ann")
    attempts = -(-expected // consumers) + 1
    done = asyncio.Event()
    async with quotas.consumers(consumers + 2) as conns:
        disturbing = {
            "expired, reset running": ["select public.reset_expired_quotas()"],
            "tier flipping": [
                f"update public.user_quotas set tier = '{tier}' where user_id = 'ann'",
                "update public.user_quotas set tier = 'business' where user_id = 'ann'",
            ],
        }.get(scene, [])
        disturbers = [
            asyncio.create_task(disturb(conn, statement, done))
            for conn, statement in zip(conns[consumers:], disturbing, strict=False)
        ]
        taken = sum(await asyncio.gather(*(take(conn, attempts) for conn in conns[:consumers])))
        done.set()
        await asyncio.gather(*disturbers)
    if scene != "tier flipping" or tier == "business":
        assert taken == expected
    else:
        assert taken >= expected, "nobody was refused while there was room in the smaller tier"
    assert await quotas.logged("ann") == before + taken
    assert await quotas.differences() == []
    return expected, consumers * attempts, taken


@pytest.mark.parametrize("tier", LIMITS)
@pytest.mark.parametrize("scene", SCENES)
async def test_exactly_the_limit_is_admitted(quotas: Quotas, tier: str, scene: str) -> None:
    await race(quotas, tier, scene, consumers=32, most=60)


async def test_reserving_settling_releasing_and_sweeping_at_once(quotas: Quotas) -> None:
    await quotas.user("ann", "pro", used_before=150)
    done = asyncio.Event()
    async with quotas.consumers(34) as conns:
        sweeper = asyncio.create_task(disturb(conns[32], "select public.sweep_reservations()", done))
        expirer = asyncio.create_task(
            disturb(
                quotas.owner,
                "update public.usage_reservations set expires_at = now() - interval '1 second'"
                " where id = (select id from public.usage_reservations where state = 'open' limit 1)",
                done,
            )
        )
        results = await asyncio.gather(*(hold_and_decide(conn, 6, seed) for seed, conn in enumerate(conns[:32])))
        done.set()
        await asyncio.gather(sweeper, expirer)
    assert await quotas.logged("ann") == 150 + sum(settled for settled, _ in results)
    assert await quotas.differences() == []


async def test_a_consumer_killed_in_between_leaves_nothing_wrong(quotas: Quotas) -> None:
    await quotas.user("ann", "business")
    async with quotas.consumers(6) as conns:

        async def doomed(conn: Connection) -> None:
            with suppress(psycopg.OperationalError):
                while True:
                    await hold_and_decide(conn, 4, 0)

        tasks = [asyncio.create_task(doomed(conn)) for conn in conns]
        for number, conn in enumerate(conns):
            while await quotas.logged("ann") < 10 * (number + 1):
                pass
            await quotas.owner.execute("select pg_terminate_backend(%s)", [conn.info.backend_pid])
        await asyncio.gather(*tasks)
    await quotas.alone()
    assert await quotas.differences() == []
    await quotas.owner.execute("update public.usage_reservations set expires_at = now() - interval '1 second'")
    await quotas.owner.execute("select public.sweep_reservations()")
    assert (await quotas.row("ann"))["month_used"] == await quotas.logged("ann")


async def test_an_upgrade_in_flight_admits(quotas: Quotas) -> None:
    """The consumer waits for the row while its tier grows; there is room in the new one."""
    await quotas.user("ann", "free", used_before=5)
    async with quotas.consumers(1) as [conn]:
        async with quotas.owner.transaction():
            await quotas.owner.execute("update public.user_quotas set tier = 'starter' where user_id = 'ann'")
            waiting = asyncio.create_task(take(conn, 1))
            await quotas.blocked(conn)
        assert await waiting == 1


async def test_a_downgrade_in_flight_refuses(quotas: Quotas) -> None:
    await quotas.user("ann", "starter", used_before=5)
    async with quotas.consumers(1) as [conn]:
        async with quotas.owner.transaction():
            await quotas.owner.execute("update public.user_quotas set tier = 'free' where user_id = 'ann'")
            waiting = asyncio.create_task(take(conn, 1))
            await quotas.blocked(conn)
        assert await waiting == 0


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("tier", LIMITS)
async def test_64_consumers_get_exactly_the_limit(quotas: Quotas, tier: str, scene: str) -> None:
    await race(quotas, tier, scene, consumers=64, most=10_000)


@pytest.mark.slow
async def test_processes_killed_in_between_leave_nothing_wrong(quotas: Quotas) -> None:
    """64 consumers in four processes, each killed with its calls under way; sweep and reset run beside them."""
    for number, tier in enumerate(LIMITS):
        await quotas.user(f"user{number}", tier)
    done = asyncio.Event()
    async with quotas.consumers(2) as [one, other]:
        beside = [
            asyncio.create_task(disturb(one, "select public.sweep_reservations()", done)),
            asyncio.create_task(disturb(other, "select public.reset_expired_quotas()", done)),
        ]
        for _ in range(3):
            processes = [
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "tests.db.quota_consumer",
                    quotas.app_dsn,
                    "16",
                    stderr=asyncio.subprocess.PIPE,
                )
                for _ in range(4)
            ]
            before = (await quotas.one("select count(*) as n from public.usage_reservations"))["n"]
            for number, process in enumerate(processes):
                while (await quotas.one("select count(*) as n from public.usage_reservations"))[
                    "n"
                ] < before + 30 + number:
                    assert process.returncode is None
                process.kill()
            errors = [(await process.communicate())[1] for process in processes]
            assert errors == [b"", b"", b"", b""], "killed, not failed"
            await quotas.owner.execute("delete from public.usage_records where user_id = 'user3'")
            await quotas.owner.execute("select private.recount_usage('user3')")
        done.set()
        await asyncio.gather(*beside)
    await quotas.alone()
    assert await quotas.differences() == []
    await quotas.owner.execute("update public.usage_reservations set expires_at = now() where state = 'open'")
    await quotas.owner.execute("select public.sweep_reservations()")
    for number, (monthly, daily) in enumerate(LIMITS.values()):
        user = f"user{number}"
        row = await quotas.row(user)
        # what was settled after its expiry may lie above the limit
        late = await quotas.one(
            "select coalesce(sum(settled_units), 0) as n from public.usage_reservations"
            " where user_id = %s and closed_at > expires_at",
            user,
        )
        assert row["month_used"] == await quotas.logged(user) <= monthly + late["n"]
        assert daily < 0 or row["day_used"] <= daily + late["n"]
