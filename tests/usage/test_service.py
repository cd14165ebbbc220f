"""Reserving, settling, releasing and reading through Python, as the callers do."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from blogai.db.database import LOCAL_OWNER, LOCAL_USER_ID, Actor, Database
from blogai.errors import Conflict, Forbidden, InvalidInput, NotFound, QuotaExceeded
from blogai.usage import service
from blogai.usage.models import Usage

ANN = Actor.user("ann")


async def usage(database: Database, actor: Actor = ANN) -> Usage:
    async with database.transaction(actor) as conn:
        return await service.usage(conn)


async def test_reserve_settle_and_read_as_one_user(database: Database) -> None:
    async with database.transaction(LOCAL_OWNER) as conn:
        held = await service.reserve(conn, user_id=LOCAL_USER_ID, operation_type="book", units=3)
        cursor = await conn.execute("select current_user, private.caller_id()")
        assert await cursor.fetchone() == ("authenticated", LOCAL_USER_ID), "the caller acts as before"
    assert held.expires_at > datetime.now(UTC) + timedelta(minutes=14)
    assert (await usage(database, LOCAL_OWNER)).month_used == 3
    async with database.transaction(LOCAL_OWNER) as conn:
        assert await service.settle(conn, held.id, units=2, tokens=11, metadata={"run": "r1"}) is True
        assert await service.settle(conn, held.id, units=2, tokens=11) is False
    found = await usage(database, LOCAL_OWNER)
    assert found.model_dump(include={"tier", "month_used", "day_used", "month_tokens", "month_limit", "remaining"}) == {
        "tier": "business",
        "month_used": 2,
        "day_used": 2,
        "month_tokens": 11,
        "month_limit": 1000,
        "remaining": 998,
    }
    assert found.day_limit == -1
    async with database.transaction(LOCAL_OWNER) as conn:
        [books] = await service.breakdown(conn)
    assert (books.operation_type, books.units, books.tokens) == ("book", 2, 11)


async def test_a_refusal_carries_what_the_reader_must_know(database: Database) -> None:
    async with database.transaction(ANN) as conn:
        await service.reserve(conn, user_id="ann", operation_type="blog", units=2)
    with pytest.raises(QuotaExceeded) as caught:
        async with database.transaction(ANN) as conn:
            await service.reserve(conn, user_id="ann", operation_type="blog")
    found = await usage(database)
    details = caught.value.details
    assert datetime.fromisoformat(details.pop("resets_at")) == found.day_resets_at
    assert details == {"tier": "free", "used": 2, "limit": 2, "window": "day", "requested": 1}
    assert caught.value.remedy is not None
    assert found.remaining == 0, "the day is full, though the month is not"
    assert found.month_used == 2


async def test_release_and_sweep(database: Database) -> None:
    async with database.transaction(ANN) as conn:
        held = await service.reserve(conn, user_id="ann", operation_type="blog")
        short = await service.reserve(conn, user_id="ann", operation_type="blog", expires_in=timedelta(microseconds=1))
        assert await service.release(conn, held.id) is True
        assert await service.release(conn, held.id) is False
    async with database.transaction(Actor.service()) as conn:
        assert await service.sweep(conn) == 1
        assert await service.sweep(conn) == 0
        assert await service.release(conn, short.id) is False
    assert (await usage(database)).month_used == 0


async def test_an_idempotency_key_replays(database: Database) -> None:
    for replayed in (False, True):
        async with database.transaction(ANN) as conn:
            held = await service.reserve(conn, user_id="ann", operation_type="blog", idempotency_key="k")
            assert held.replayed is replayed
    with pytest.raises(Conflict):
        async with database.transaction(ANN) as conn:
            await service.reserve(conn, user_id="ann", operation_type="book", idempotency_key="k")
    assert (await usage(database)).month_used == 1


async def test_wrong_arguments_are_named(database: Database) -> None:
    with pytest.raises(InvalidInput) as caught:
        async with database.transaction(ANN) as conn:
            await service.reserve(conn, user_id="ann", operation_type="blog", units=0)
    assert caught.value.field == "units"
    with pytest.raises(NotFound):
        async with database.transaction(ANN) as conn:
            await service.settle(conn, uuid4(), tokens=1)


async def test_a_visitor_has_no_usage_to_read(database: Database) -> None:
    with pytest.raises(Forbidden):
        await usage(database, Actor.visitor("abc"))


async def test_a_new_user_has_the_free_tier(database: Database) -> None:
    found = await usage(database, Actor.user("new"))
    assert (found.tier, found.month_limit, found.day_limit, found.remaining) == ("free", 5, 2, 2)
    assert found.period_start <= datetime.now(UTC) < found.resets_at
