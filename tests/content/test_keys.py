"""Idempotency keys: one key is one run, until that run fails."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo
from tests.content.conftest import NewRuns, Quiet
from tests.content.models import Gate, pieces_of
from tests.content.operations import OneCall, Sections
from tests.content.test_runs import FREE, rows, used

from blogai.content.runs import Runs
from blogai.db.database import LOCAL_OWNER, Connection, Database
from blogai.db.migrate import migrate, rollback
from blogai.errors import Conflict


async def start(runs: Runs, key: str) -> Any:
    return await runs.start(LOCAL_OWNER, Sections(), provider="test", idempotency_key=key)


async def test_the_same_key_gives_the_same_run(runs: Runs, new_runs: NewRuns, database: Database) -> None:
    first = await runs.start(LOCAL_OWNER, OneCall(), provider="test", idempotency_key="k1")
    await runs.wait(LOCAL_OWNER, first.id)
    elsewhere = await new_runs()
    again = await elsewhere.start(LOCAL_OWNER, OneCall(), provider="test", idempotency_key="k1")
    assert again.id == first.id
    assert again.status == "finished"
    assert await used(database) == 1
    with pytest.raises(Conflict) as refusal:
        await runs.start(LOCAL_OWNER, OneCall("wasps"), provider="test", idempotency_key="k1")
    assert refusal.value.field == "idempotency_key"
    theirs = await runs.start(FREE, OneCall("wasps"), provider="test", idempotency_key="k1")
    assert theirs.id != first.id


async def test_twenty_at_once_with_one_key_are_one_run(
    runs: Runs, new_runs: NewRuns, database: Database, owner_conn: Connection
) -> None:
    elsewhere = await new_runs()
    started = await asyncio.gather(
        *(
            (runs if number % 2 else elsewhere).start(LOCAL_OWNER, OneCall(), provider="test", idempotency_key="race")
            for number in range(20)
        )
    )
    assert len({run.id for run in started}) == 1
    ended = await runs.wait(LOCAL_OWNER, started[0].id)
    assert ended.status == "finished"
    assert await rows(owner_conn, "select count(*) from generated_content") == [(1,)]
    assert await used(database) == 1


async def test_a_failed_run_gives_its_key_back(new_runs: NewRuns, database: Database, owner_conn: Connection) -> None:
    calls = 0

    async def broken_at_first(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        nonlocal calls
        calls += 1
        yield "Bees "
        if calls <= 2:  # the call and its repeat
            raise ConnectionResetError("the line was cut")

    runs = await new_runs(broken_at_first)
    failed = await runs.wait(LOCAL_OWNER, (await start(runs, "k")).id)
    assert failed.status == "failed"
    assert await used(database) == 0
    again = await runs.wait(LOCAL_OWNER, (await start(runs, "k")).id)
    assert (again.status, again.id != failed.id) == ("finished", True)
    assert (await start(runs, "k")).id == again.id
    assert await used(database) == 1
    assert await rows(owner_conn, "select count(*) from generated_content") == [(1,)]


async def test_twenty_at_once_after_a_failure_are_one_run(new_runs: NewRuns, database: Database) -> None:
    blank = await new_runs(pieces_of(" "))
    failed = await blank.wait(LOCAL_OWNER, (await start(blank, "k")).id)
    assert failed.status == "failed"
    runs, elsewhere = await new_runs(), await new_runs()
    started = await asyncio.gather(*(start(runs if number % 2 else elsewhere, "k") for number in range(20)))
    assert len({run.id for run in started} | {failed.id}) == 2
    assert (await runs.wait(LOCAL_OWNER, started[0].id)).status == "finished"
    assert await used(database) == 1


async def test_a_cancelled_run_keeps_its_key(new_runs: NewRuns) -> None:
    gate = Gate(["Bees "])
    runs = await new_runs(gate.stream)
    run = await start(runs, "k")
    await gate.reached.wait()
    await runs.cancel(LOCAL_OWNER, run.id)
    await runs.wait(LOCAL_OWNER, run.id)
    again = await start(runs, "k")
    assert (again.id, again.status) == (run.id, "cancelled")


async def test_a_run_given_up_by_mistake_comes_back_beside_the_attempt_that_took_its_key(
    new_runs: NewRuns, database: Database, owner_conn: Connection, gone_quiet: Quiet
) -> None:
    gate = Gate(["Bees "], ["fly."])
    lost, runs = await new_runs(gate.stream), await new_runs(run_lease=1.0)
    first = await start(lost, "k")
    await gate.reached.wait()
    await lost._pump.close()  # no sign of life any more
    await gone_quiet()
    assert await runs.sweep() == 1
    second = await runs.wait(LOCAL_OWNER, (await start(runs, "k")).id)
    gate.go.set()
    assert (await lost.wait(LOCAL_OWNER, first.id)).status == "finished"
    assert (await start(runs, "k")).id == second.id != first.id
    assert await rows(owner_conn, "select count(*) from generated_content") == [(2,)]
    assert await used(database) == 1


async def test_going_back_leaves_a_key_with_one_run(new_runs: NewRuns, owner_dsn: str, owner_conn: Connection) -> None:
    blank, runs = await new_runs(pieces_of(" ")), await new_runs()
    last = {}
    for key, attempts in (("finished", (blank, blank, runs)), ("failed", (blank, blank))):
        for each in attempts:
            last[key] = (await each.wait(LOCAL_OWNER, (await start(each, key)).id)).id
    await rollback(owner_dsn, to=26)
    left = await rows(owner_conn, "select idempotency_key, id from generation_runs where idempotency_key is not null")
    assert dict(left) == last
    assert len(left) == 2
    await migrate(owner_dsn)
