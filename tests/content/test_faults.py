"""What goes wrong around a run: cancels, a killed process, a database that is away, a program that stops."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from tests.content.conftest import NewRuns, Quiet
from tests.content.models import Gate
from tests.content.operations import Improving, OneCall, Sections
from tests.content.test_runs import read, rows, used

from blogai.content.ending import Ending
from blogai.content.models import Run, text_of
from blogai.content.recovery import Recovery
from blogai.content.runs import Runs
from blogai.content.sweep import UNSEEN
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.startup import prepare_embedded

ROOT = Path(__file__).parents[2]


async def until(look: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Waits for something in the database that gives no sign here."""
    async with asyncio.timeout(seconds):
        while not await look():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def begun(runs: Runs, gate: Gate) -> Run:
    run = await runs.start(LOCAL_OWNER, Sections(), provider="test")
    await gate.reached.wait()
    await asyncio.sleep(0)
    return run


async def test_a_cancel_before_anything_is_written_costs_nothing(runs: Runs, database: Database) -> None:
    run = await runs.start(LOCAL_OWNER, Sections(), provider="test")
    await runs.cancel(LOCAL_OWNER, run.id)
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert (ended.status, ended.content_id, ended.error) == ("cancelled", None, None)
    assert [event.kind for event in await read(runs, run.id)] == ["started", "cancelled"]
    assert await used(database) == 0


async def test_a_cancel_in_the_middle_keeps_and_books_what_was_written(
    new_runs: NewRuns, database: Database, owner_conn: Connection
) -> None:
    gate = Gate(["Bees ", "like "], ["never written"])
    runs = await new_runs(gate.stream)
    run = await begun(runs, gate)
    await runs.cancel(LOCAL_OWNER, run.id)
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert ended.status == "cancelled"
    assert ended.output == "## Part 1\n\nBees like " == text_of(await read(runs, run.id))
    assert ended.title == "About bees"
    assert ended.output_tokens > 0
    assert await rows(owner_conn, "select output from generated_content where id = %s", ended.content_id) == [
        (ended.output,)
    ]
    assert await rows(owner_conn, "select tokens_used from usage_records") == [
        (ended.input_tokens + ended.output_tokens,)
    ]
    assert await used(database) == 1


async def test_a_cancel_of_what_is_only_being_improved_keeps_the_whole(new_runs: NewRuns, database: Database) -> None:
    gate = Gate(["Better "], ["never written"])
    runs = await new_runs(gate.stream)
    run = await runs.start(LOCAL_OWNER, Improving(), provider="test")
    await gate.reached.wait()
    await runs.cancel(LOCAL_OWNER, run.id)
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert (ended.status, ended.title, ended.output) == ("cancelled", "Bees", "# Bees\n\nBees fly.")
    assert ended.metadata == {"rounds": 1}
    assert ended.output_tokens > 0
    assert await used(database) == 1


async def test_a_stop_of_the_program_loses_no_whole_text(new_runs: NewRuns, database: Database) -> None:
    gate = Gate(["Better "], ["never written"])
    runs = await new_runs(gate.stream)
    run = await runs.start(LOCAL_OWNER, Improving(), provider="test")
    await gate.reached.wait()
    await runs.close(grace=0.01)
    ended = await runs.get(LOCAL_OWNER, run.id)
    assert (ended.status, ended.output, ended.error) == ("finished", "# Bees\n\nBees fly.", None)
    assert await used(database) == 1


async def test_a_cancel_after_the_end_changes_nothing(runs: Runs, database: Database) -> None:
    run = await runs.start(LOCAL_OWNER, OneCall(), provider="test")
    ended = await runs.wait(LOCAL_OWNER, run.id)
    assert await runs.cancel(LOCAL_OWNER, run.id) == ended
    assert await used(database) == 1


async def test_a_cancel_from_another_process_gets_through(new_runs: NewRuns) -> None:
    gate = Gate(["Bees "])
    runs, elsewhere = await new_runs(gate.stream), await new_runs()
    run = await begun(runs, gate)
    asked = await elsewhere.cancel(LOCAL_OWNER, run.id)
    assert (asked.status, asked.cancel_requested) == ("running", True)
    ended = await asyncio.wait_for(elsewhere.wait(LOCAL_OWNER, run.id), 20)
    assert (ended.status, ended.output) == ("cancelled", "## Part 1\n\nBees ")


async def test_an_operation_that_swallows_the_cancel_is_stopped_at_its_next_step(new_runs: NewRuns) -> None:
    class Stubborn(Sections):
        async def run(self, writer):  # type: ignore[no-untyped-def]
            try:
                await super().run(writer)
            except asyncio.CancelledError:
                await writer.write("more")

    gate = Gate(["Bees "])
    runs = await new_runs(gate.stream)
    run = await runs.start(LOCAL_OWNER, Stubborn(), provider="test")
    await gate.reached.wait()
    await runs.cancel(LOCAL_OWNER, run.id)
    assert (await runs.wait(LOCAL_OWNER, run.id)).output == "## Part 1\n\nBees "


async def test_a_killed_process_is_swept_once_and_its_text_stays(
    new_runs: NewRuns, app_dsn: str, database: Database, owner_conn: Connection, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.content.killed", app_dsn, str(tmp_path)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        run_id = UUID((await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip())
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert await used(database) == 1
    runs, elsewhere = await new_runs(run_lease=1.0), await new_runs(run_lease=1.0)

    async def stale() -> bool:
        return await rows(
            owner_conn, "select heartbeat_at < now() - interval '1.1 s' from generation_runs where id = %s", run_id
        ) == [(True,)]

    assert (await runs.get(LOCAL_OWNER, run_id)).status == "running"
    await until(stale)
    swept = await asyncio.gather(runs.sweep(), elsewhere.sweep(), runs.sweep(), elsewhere.sweep())
    assert sum(swept) == 1
    ended = await runs.get(LOCAL_OWNER, run_id)
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error["code"] == "run-interrupted"
    events = await read(runs, run_id)
    assert text_of(events) == "## Part 1\n\nBees were "
    assert events[-1].kind == "failed"
    assert events[-1].id == events[-2].id + UNSEEN
    assert await used(database) == 0
    assert await rows(owner_conn, "select state from usage_reservations") == [("released",)]
    assert await rows(owner_conn, "select count(*) from generated_content") == [(0,)]


async def test_whoever_looks_at_a_dead_run_ends_it(new_runs: NewRuns, database: Database, gone_quiet: Quiet) -> None:
    gate = Gate(["Bees "])
    dead, runs = await new_runs(gate.stream), await new_runs(run_lease=1.0)
    run = await begun(dead, gate)
    await dead._pump.close()  # no sign of life any more
    await gone_quiet()
    assert (await runs.wait(LOCAL_OWNER, run.id)).status == "failed"
    assert await used(database) == 0


async def test_a_process_that_was_given_up_and_comes_back_keeps_its_text_uncharged(
    new_runs: NewRuns, database: Database, gone_quiet: Quiet
) -> None:
    gate = Gate(["Bees "], ["fly."])
    lost, runs = await new_runs(gate.stream), await new_runs(run_lease=1.0)
    run = await begun(lost, gate)
    await lost._pump.close()
    await gone_quiet()
    assert await runs.sweep() == 1
    gate.go.set()
    ended = await lost.wait(LOCAL_OWNER, run.id)
    assert ended.status == "finished"
    kept = await runs.get(LOCAL_OWNER, run.id)
    assert (kept.status, kept.error, kept.output) == (
        "finished",
        None,
        "## Part 1\n\nBees fly.\n\n## Part 2\n\nBees fly.",
    )
    assert [event.kind for event in await read(runs, run.id)][-1] == "finished"
    assert await used(database) == 0


async def test_a_run_with_signs_of_life_is_left_alone(new_runs: NewRuns) -> None:
    gate = Gate(["Bees "], ["fly."])
    runs = await new_runs(gate.stream, run_lease=4.0)
    run = await begun(runs, gate)
    elsewhere = await new_runs(run_lease=4.0)
    for _ in range(16):
        await asyncio.sleep(0.5)  # twice the lease altogether
        assert await elsewhere.sweep() == 0
    gate.go.set()
    assert (await runs.wait(LOCAL_OWNER, run.id)).status == "finished"


async def test_a_stop_of_the_program_interrupts_and_releases(new_runs: NewRuns, database: Database) -> None:
    gate = Gate(["Bees "])
    runs, elsewhere = await new_runs(gate.stream), await new_runs()
    run = await begun(runs, gate)
    await runs.close(grace=0.05)
    ended = await elsewhere.get(LOCAL_OWNER, run.id)
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error["code"] == "run-interrupted"
    assert text_of(await read(elsewhere, run.id)) == "## Part 1\n\nBees "
    assert await used(database) == 0


async def test_a_stop_of_the_program_lets_short_runs_end(new_runs: NewRuns) -> None:
    runs, elsewhere = await new_runs(), await new_runs()
    run = await runs.start(LOCAL_OWNER, OneCall(), provider="test")
    await runs.close(grace=30)
    assert (await elsewhere.get(LOCAL_OWNER, run.id)).status == "finished"


async def test_generation_goes_on_while_the_database_is_away(new_server: EmbeddedPostgres, new_runs: NewRuns) -> None:
    await prepare_embedded(new_server)
    async with Database(new_server.app_dsn("blogai"), timeout=1.0) as database:
        gate = Gate(["Bees ", "like "], ["flowers."])
        runs = await new_runs(gate.stream, on=database, run_lease=1.0)
        run = await begun(runs, gate)
        new_server.stop()
        gate.go.set()
        live = runs.events(LOCAL_OWNER, run.id)
        seen = [await anext(live)]
        while text_of(seen) != "## Part 1\n\nBees like flowers.\n\n## Part 2\n\nBees like flowers.":
            seen.append(await anext(live))
        await asyncio.sleep(0.5)  # at least one attempt to store the end fails
        new_server.start()
        seen += [event async for event in live]
        assert seen[-1].kind == "finished"
        ended = await runs.wait(LOCAL_OWNER, run.id)
        assert ended.status == "finished"
        elsewhere = await new_runs(on=database, run_lease=1.0)
        assert await elsewhere.sweep() == 0
        assert await read(elsewhere, run.id) == seen
        assert await used(database) == 1


async def test_what_cannot_be_stored_waits_in_a_file_for_the_next_start(
    new_server: EmbeddedPostgres, new_runs: NewRuns, tmp_path: Path
) -> None:
    await prepare_embedded(new_server)
    async with Database(new_server.app_dsn("blogai"), timeout=0.5) as database:
        gate = Gate(["Bees "], ["fly."])
        runs = await new_runs(gate.stream, on=database, run_lease=1.0, run_patience=0.2)
        run = await begun(runs, gate)
        new_server.stop()
        gate.go.set()
        ended = await runs.wait(LOCAL_OWNER, run.id)
        assert ended.status == "failed"
        assert ended.failure is not None
        assert "kept in a file" in str(ended.failure.remedy)
        files = list((tmp_path / "recovery").iterdir())
        assert [file.name for file in files] == [f"{run.id}.json"]
        assert files[0].stat().st_mode & 0o777 == 0o600
        new_server.start()
        database._pool.timeout = 30  # the pool waits longer and longer between its attempts
        later = await new_runs(on=database, run_lease=1.0)
        assert sum(await asyncio.gather(*(later._recovery.store_all(database) for _ in range(2)))) in (1, 2)
        kept = await later.get(LOCAL_OWNER, run.id)
        assert kept.status == "finished"
        assert kept.output == text_of(await read(later, run.id))
        assert list((tmp_path / "recovery").iterdir()) == []
        assert await used(database) == 1


async def test_a_file_that_cannot_be_stored_stays_and_holds_up_no_other(
    runs: Runs, database: Database, owner_conn: Connection, tmp_path: Path
) -> None:
    run = await runs.wait(LOCAL_OWNER, (await runs.start(LOCAL_OWNER, OneCall(), provider="test")).id)
    await owner_conn.execute("update generation_runs set status = 'running', finished_at = null, content_id = null")
    recovery = Recovery(tmp_path / "recovery")
    ending = Ending(
        status="finished", output="Bees.", provider="p", model="m", input_tokens=1, output_tokens=1, cost_usd=None,
        execution_time_ms=1,
    )  # fmt: skip
    bad = run.model_copy(update={"id": UUID(int=0), "tool_id": "t" * 300})
    stranger = Actor.visitor("a" * 64)
    recovery.save(stranger, bad, ending.model_copy(update={"execution_time_ms": -(2**40)}), [], 9)
    recovery.save(LOCAL_OWNER, run, ending, [], 9)
    assert await recovery.store_all(database) == 1
    assert [file.stem for file in (tmp_path / "recovery").iterdir()] == [str(UUID(int=0))]
    assert (await runs.get(LOCAL_OWNER, run.id)).output == "Bees."
