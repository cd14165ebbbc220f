"""Runs on a real database with models of our own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.content.models import Stream, pieces_of, providers_of, settings_in

from blogai.content.runs import Runs
from blogai.db.database import Connection, Database

NewRuns = Callable[..., Awaitable[Runs]]
Quiet = Callable[[], Awaitable[None]]


@pytest.fixture
async def new_runs(database: Database, tmp_path: Path) -> AsyncIterator[NewRuns]:
    """Opens further Runs, as a process of its own would have; each with its model called `test`."""
    async with AsyncExitStack() as stack:

        async def new(stream: Stream | None = None, *, on: Database = database, **settings: object) -> Runs:
            chosen = settings_in(tmp_path, **{"run_lease": 30, **settings})
            providers = await stack.enter_async_context(providers_of(chosen, test=stream or pieces_of("Bees ", "fly.")))
            runs = Runs(on, providers, chosen)
            stack.push_async_callback(runs.close, 0.0)
            return runs

        yield new


@pytest.fixture
async def runs(new_runs: NewRuns) -> Runs:
    """Runs whose model writes `Bees fly.` for each section."""
    return await new_runs()


@pytest.fixture
def gone_quiet(owner_conn: Connection) -> Quiet:
    """Makes all runs look as if their process had given no sign of life for longer than a lease of a second."""

    async def quiet() -> None:
        # A server that has just begun gives every process the time of a lease.
        await owner_conn.execute(
            "select pg_sleep(greatest(0, extract(epoch from pg_postmaster_start_time() - clock_timestamp()) + 1.1))"
        )
        await owner_conn.execute("update generation_runs set heartbeat_at = now() - interval '1 minute'")

    return quiet
