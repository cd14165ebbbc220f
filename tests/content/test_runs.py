"""A run from its start to what it leaves behind: stored, counted, booked, told."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from tests.content.conftest import NewRuns
from tests.content.models import Gate, breaking, pieces_of
from tests.content.operations import OneCall, Sections

from blogai.content.models import Event, text_of
from blogai.content.runs import Runs
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database
from blogai.db.operations.queries import prune_run_events
from blogai.errors import Forbidden, InvalidInput, NotFound, QuotaExceeded
from blogai.usage import service as usage

FREE = Actor.user("somebody-new")


async def used(database: Database, actor: Actor = LOCAL_OWNER) -> int:
    async with database.transaction(actor) as conn:
        return (await usage.usage(conn)).month_used


async def rows(conn: Connection, statement: str, *values: Any) -> list[Any]:
    return await (await conn.execute(statement, values)).fetchall()


async def read(runs: Runs, run_id: Any, after: int = 0, actor: Actor = LOCAL_OWNER) -> list[Event]:
    return [event async for event in runs.events(actor, run_id, after)]


async def test_one_call_is_stored_counted_and_booked(runs: Runs, database: Database, owner_conn: Connection) -> None:
    started = await runs.start(LOCAL_OWNER, OneCall(more={"tone": "casual"}), provider="test")
    assert (started.status, started.provider, started.units) == ("running", "test", 1)
    run = await runs.wait(LOCAL_OWNER, started.id)
    assert run.status == "finished"
    assert run.output == "- queen\n- drone\n- worker"
    content = await rows(
        owner_conn,
        "select tool_id, tool_name, inputs, output, title, provider, execution_time_ms >= 0, user_hash"
        " from generated_content where id = %s",
        run.content_id,
    )
    assert content == [
        (
            "keyword-ideas-generator",
            "Keyword ideas",
            {"topic": "bees", "tone": "casual"},
            "- queen\n- drone\n- worker",
            "Words about bees",
            "test",
            True,
            LOCAL_OWNER.user_hash,
        )
    ]
    assert await rows(owner_conn, "select tool_id, count from tool_usage") == [("keyword-ideas-generator", 1)]
    booked = await rows(owner_conn, "select user_id, operation_type, tokens_used, metadata from usage_records")
    assert len(booked) == 1
    user_id, kind, tokens, metadata = booked[0]
    assert (user_id, kind) == ("local", "tool")
    assert tokens == run.input_tokens + run.output_tokens > 0
    assert metadata["run_id"] == str(run.id)
    assert metadata["content_id"] == str(run.content_id)
    assert await used(database) == 1
    assert await runs.get(LOCAL_OWNER, run.id) == run


async def test_a_streamed_run_tells_everything_and_keeps_it(runs: Runs) -> None:
    run = await runs.start(LOCAL_OWNER, Sections(), provider="test")
    live = await read(runs, run.id)
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert [event.kind for event in live if event.kind != "delta"] == [
        "started",
        "outline",
        "section",
        "section",
        "finished",
    ]
    assert text_of(live) == ended.output == "## Part 1\n\nBees fly.\n\n## Part 2\n\nBees fly."
    assert live[-1].data["content_id"] == str(ended.content_id)
    assert live[-1].data["metadata"] == {"tags": ["a", "b"]} == ended.metadata
    assert live[-1].data["tokens"] == {"input": ended.input_tokens, "output": ended.output_tokens}
    assert ended.cost_usd is None or ended.cost_usd >= Decimal(0)


async def test_replay_from_any_id_equals_the_rest_of_the_list(runs: Runs, new_runs: NewRuns) -> None:
    run = await runs.start(LOCAL_OWNER, Sections(sections=4), provider="test")
    live = await read(runs, run.id)
    elsewhere = await new_runs()
    for number in range(len(live) + 1):
        after = live[number - 1].id if number else 0
        assert await read(runs, run.id, after) == live[number:]
        assert await read(elsewhere, run.id, after) == live[number:]


async def test_another_process_follows_live(new_runs: NewRuns) -> None:
    gate = Gate(["Bees "], ["fly."])
    here, elsewhere = await new_runs(gate.stream), await new_runs()
    run = await here.start(LOCAL_OWNER, Sections(sections=1), provider="test")
    seen: list[Event] = []
    text_seen = asyncio.Event()

    async def follow() -> None:
        async for event in elsewhere.events(LOCAL_OWNER, run.id):
            seen.append(event)
            if event.kind == "delta":
                text_seen.set()

    reader = asyncio.create_task(follow())
    await asyncio.wait_for(text_seen.wait(), 10)
    gate.go.set()
    await reader
    assert text_of(seen) == "## Part 1\n\nBees fly."
    assert seen == await read(here, run.id)
    assert (await elsewhere.wait(LOCAL_OWNER, run.id)).status == "finished"


async def test_a_reader_who_leaves_does_not_stop_the_run(new_runs: NewRuns) -> None:
    gate = Gate(["Bees "], ["fly."])
    runs = await new_runs(gate.stream)
    run = await runs.start(LOCAL_OWNER, Sections(sections=1), provider="test")

    async def leave() -> None:
        async for event in runs.events(LOCAL_OWNER, run.id):
            if event.kind == "delta":
                return

    await leave()
    waiting = asyncio.create_task(runs.wait(LOCAL_OWNER, run.id))
    await asyncio.sleep(0)
    waiting.cancel()
    gate.go.set()
    assert (await runs.wait(LOCAL_OWNER, run.id)).output == "## Part 1\n\nBees fly."


async def test_a_cut_stream_tells_of_the_restart(new_runs: NewRuns) -> None:
    runs = await new_runs(breaking(["Wrong ", "start"], ["Bees fly."]))
    run = await runs.start(LOCAL_OWNER, Sections(sections=1), provider="test")
    events = await read(runs, run.id)
    assert "restart" in [event.kind for event in events]
    assert text_of(events) == "## Part 1\n\nBees fly." == (await runs.wait(LOCAL_OWNER, run.id)).output


async def test_a_failing_provider_costs_and_leaves_nothing(
    new_runs: NewRuns, database: Database, owner_conn: Connection
) -> None:
    async def dead(messages: object, info: object) -> Any:
        yield "some"
        raise ConnectionResetError("gone")

    runs = await new_runs(dead)
    run = await runs.start(LOCAL_OWNER, Sections(), provider="test")
    events = await read(runs, run.id)
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert ended.status == "failed"
    assert events[-1].kind == "failed"
    assert events[-1].data["error"] == ended.error
    assert ended.error is not None
    assert (ended.error["code"], ended.error["status"]) == ("provider-unavailable", 503)
    assert ended.error["remedy"]
    failure = ended.failure
    assert failure is not None
    assert (failure.code(), failure.remedy) == ("provider-unavailable", ended.error["remedy"])
    assert await used(database) == 0
    for table in ("generated_content", "usage_records", "tool_usage"):
        assert await rows(owner_conn, f"select count(*) from {table}") == [(0,)]
    assert await rows(owner_conn, "select state from usage_reservations") == [("released",)]


async def test_no_output_is_a_failure(new_runs: NewRuns, database: Database) -> None:
    class Nothing(OneCall):
        async def run(self, writer: Any) -> Any:
            written = await super().run(writer)
            return type(written)(output=" \n\x00 ")

    runs = await new_runs()
    run = await runs.start(LOCAL_OWNER, Nothing(), provider="test")
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert ended.error is not None
    assert ended.error["code"] == "provider-output-invalid"
    assert await used(database) == 0


async def test_a_fault_of_the_program_fails_the_run(
    new_runs: NewRuns, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(OneCall):
        async def run(self, writer: Any) -> Any:
            raise ZeroDivisionError("secret detail")

    runs = await new_runs()
    run = await runs.start(LOCAL_OWNER, Broken(), provider="test")
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert ended.status == "failed"
    assert "secret" not in str(ended.error)
    assert "secret detail" in caplog.text
    assert await used(database) == 0


async def test_nul_characters_of_a_model_are_dropped(new_runs: NewRuns) -> None:
    runs = await new_runs(pieces_of("Be\x00es", " \ud83dfly."))
    run = await runs.start(LOCAL_OWNER, Sections(sections=1), provider="test")
    events = await read(runs, run.id)
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert ended.output == text_of(events) == "## Part 1\n\nBees \N{REPLACEMENT CHARACTER}fly."
    assert (await runs.get(LOCAL_OWNER, run.id)).output == ended.output


@pytest.mark.parametrize("topic", ["النحل في المدينة", "🐝🐝 bees 🏙️", "x" * 5000])
async def test_any_script_is_kept(runs: Runs, topic: str) -> None:
    run = await runs.start(LOCAL_OWNER, OneCall(topic), provider="test")
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert ended.title == f"Words about {topic}"
    assert (await runs.get(LOCAL_OWNER, run.id)).inputs == {"topic": topic}


@pytest.mark.parametrize(
    ("operation", "provider", "key", "field"),
    [
        (OneCall("be\x00es"), "test", None, "topic"),
        (OneCall(more={"x": float("inf")}), "test", None, "inputs"),
        (OneCall(), "nobody", None, "provider"),
        (OneCall(), "test", "", "idempotency_key"),
        (OneCall(), "test", "k" * 201, "idempotency_key"),
        (OneCall(), "test", "line\nbreak", "idempotency_key"),
    ],
)
async def test_a_bad_request_starts_nothing(
    runs: Runs, database: Database, operation: OneCall, provider: str, key: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await runs.start(LOCAL_OWNER, operation, provider=provider, idempotency_key=key)
    assert refusal.value.field == field
    assert await used(database) == 0


async def test_visitors_cannot_start(runs: Runs) -> None:
    for actor in (Actor.visitor("a" * 64), Actor.service(), Actor(role="authenticated")):
        with pytest.raises(Forbidden):
            await runs.start(actor, OneCall(), provider="test")


async def test_beyond_the_quota_nothing_starts(runs: Runs, owner_conn: Connection) -> None:
    for _ in range(2):
        run = await runs.start(FREE, OneCall(), provider="test")
        await runs.wait(FREE, run.id)
    with pytest.raises(QuotaExceeded):
        await runs.start(FREE, OneCall(), provider="test", idempotency_key="later")
    assert await rows(owner_conn, "select count(*) from generation_runs where user_id = 'somebody-new'") == [(2,)]


async def test_units_of_the_operation_are_reserved_and_booked(runs: Runs, database: Database) -> None:
    run = await runs.start(LOCAL_OWNER, OneCall(units=7, operation_type="book"), provider="test")
    assert await used(database) == 7
    await runs.wait(LOCAL_OWNER, run.id)
    assert await used(database) == 7


async def test_readers_of_a_run_whose_events_were_pruned_learn_how_it_ended(
    runs: Runs, new_runs: NewRuns, database: Database, owner_conn: Connection
) -> None:
    run = await runs.wait(LOCAL_OWNER, (await runs.start(LOCAL_OWNER, Sections(), provider="test")).id)
    await owner_conn.execute("update generation_runs set finished_at = now() - interval '2 days'")
    async with database.transaction(Actor.service()) as conn:
        pruned, deleted = await prune_run_events(conn, days=1, limit=10)
    assert (pruned, deleted > 0) == (1, True)
    elsewhere = await new_runs()
    (last,) = await read(elsewhere, run.id)
    assert (last.kind, last.data["content_id"]) == ("finished", str(run.content_id))
    assert await read(elsewhere, run.id, after=last.id) == []
    assert (await elsewhere.wait(LOCAL_OWNER, run.id)).output == run.output


async def test_strangers_find_nothing(new_runs: NewRuns) -> None:
    gate = Gate(["Bees "])
    runs = await new_runs(gate.stream)
    live = await runs.start(LOCAL_OWNER, Sections(), provider="test")
    over = await runs.start(LOCAL_OWNER, OneCall(), provider="test")
    await runs.wait(LOCAL_OWNER, over.id)
    for actor in (Actor.user("stranger"), Actor.visitor("b" * 64)):
        for run_id in (live.id, over.id, uuid4()):
            for look in (runs.get, runs.wait, runs.cancel):
                with pytest.raises(NotFound):
                    await look(actor, run_id)
            with pytest.raises(NotFound):
                await read(runs, run_id, actor=actor)
    assert (await runs.get(LOCAL_OWNER, live.id)).status == "running"
    assert [run.id for run in await runs.running(LOCAL_OWNER)] == [live.id]
    assert await runs.running(Actor.user("stranger")) == []
