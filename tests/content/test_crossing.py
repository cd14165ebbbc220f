"""Those who end, sweep and begin runs at the same time: nobody waits for somebody who waits for him."""

import asyncio
from uuid import UUID

from tests.content.conftest import NewRuns, Quiet
from tests.content.models import Gate
from tests.content.operations import Sections
from tests.content.test_runs import rows, used
from tests.db.locks import blocked, somebody_waits

from blogai.content import ending_queries, queries
from blogai.content.ending import Ending
from blogai.content.models import Event
from blogai.content.runs import Runs
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database

SERVICE = Actor.service()


async def test_a_sweep_holds_the_quota_of_one_user_at_a_time(
    new_runs: NewRuns, database: Database, owner_conn: Connection, gone_quiet: Quiet
) -> None:
    """Another sweep, or a recount of all users, takes them in another order."""
    gate = Gate(["Bees "])
    dead, runs = await new_runs(gate.stream), await new_runs(run_lease=1.0)
    await owner_conn.execute("insert into user_quotas (user_id, tier) values ('ann', 'pro'), ('zoe', 'pro')")
    for user in ("zoe", "ann"):
        await dead.start(Actor.user(user), Sections(), provider="test")
    await dead._pump.close()
    await gone_quiet()
    locked = "select from user_quotas where user_id = %s for no key update"
    async with database.transaction(SERVICE) as conn:
        await conn.execute(locked, ["ann"])
        sweeping = asyncio.create_task(runs.sweep())
        await somebody_waits(owner_conn)
        await conn.execute(locked + " nowait", ["zoe"])
    assert await sweeping == 2
    assert (await used(database, Actor.user("ann")), await used(database, Actor.user("zoe"))) == (0, 0)


async def test_a_key_is_used_again_just_when_the_first_run_with_it_comes_back(
    new_runs: NewRuns, database: Database, owner_conn: Connection, gone_quiet: Quiet
) -> None:
    gate = Gate(["Bees "], ["fly."])
    lost, runs = await new_runs(gate.stream), await new_runs(run_lease=1.0)
    first = await lost.start(LOCAL_OWNER, Sections(), "test", "key")
    await gate.reached.wait()
    await lost._pump.close()
    await gone_quiet()
    assert await runs.sweep() == 1
    second = UUID(int=2)
    async with database.transaction(LOCAL_OWNER) as conn:
        await queries.insert_run(
            conn,
            run_id=second,
            tool_id="t",
            tool_name="T",
            operation_type="blog",
            units=1,
            inputs="{}",
            provider="test",
            idempotency_key="key",
            fingerprint="f",
        )
        gate.go.set()
        await somebody_waits(owner_conn)
    ended = await lost.wait(LOCAL_OWNER, first.id)
    assert (ended.status, ended.error) == ("finished", None)
    kept = await runs.get(LOCAL_OWNER, first.id)
    assert (kept.status, kept.output) == ("finished", "## Part 1\n\nBees fly.\n\n## Part 2\n\nBees fly.")
    keys = await rows(owner_conn, "select id, idempotency_key from generation_runs order by id")
    assert sorted(keys) == sorted([(second, "key"), (first.id, None)])


async def test_events_of_a_run_are_stored_while_its_end_stores_them_too(
    runs: Runs, database: Database, owner_conn: Connection
) -> None:
    """With some hundred runs the planner takes another way to them, on which the last event would come first."""
    await owner_conn.execute(
        "insert into generation_runs (user_id, tool_id, tool_name, operation_type, units, inputs, fingerprint)"
        " select 'local', 't', 'T', 'blog', 1, jsonb_build_object('topic', repeat('x', 500)), 'f'"
        " from generate_series(1, 1000)"
    )
    await owner_conn.execute("analyze generation_runs")
    run_id = (await rows(owner_conn, "select id from generation_runs limit 1"))[0][0]
    events = [Event(id=number, kind="progress") for number in (2, 3, 4)]
    ending = Ending(
        status="failed", provider="p", model="m", input_tokens=0, output_tokens=0, cost_usd=None, execution_time_ms=1
    )
    async with (
        database.transaction(SERVICE) as other,
        database.transaction(SERVICE) as pump,
        database.transaction(SERVICE) as end,
    ):
        await queries.insert_events(other, [(run_id, events[1])])
        storing = asyncio.create_task(queries.insert_events(pump, [(run_id, event) for event in events]))
        await blocked(owner_conn, pump)
        last = Event(id=5, kind="failed")
        ending_it = asyncio.create_task(
            ending_queries.end_run(end, run_id, ending, None, [*events, last], {"run_id": str(run_id)})
        )
        await blocked(owner_conn, end)
        await other.execute("rollback")
        await storing
        await pump.execute("commit")
        await ending_it
    found = await rows(owner_conn, "select id, kind from generation_events where run_id = %s order by id", run_id)
    assert found == [(2, "progress"), (3, "progress"), (4, "progress"), (5, "failed")]
