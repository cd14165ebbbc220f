"""The statements of runs and their events, one function each. Who may run them is said where it matters:
without a word it is the caller; "as service_role" means that callers hold no right to it."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from blogai.content.models import Event, Run
from blogai.db.database import Connection

_RUN = """r.id, r.status, r.tool_id, r.tool_name, r.operation_type, r.units, r.inputs, r.provider, r.model,
       r.created_at, r.finished_at, r.cancel_requested, r.content_id, r.metadata, r.input_tokens, r.output_tokens,
       r.cost_usd, r.execution_time_ms, r.error"""


Answer = AsyncCursor[tuple[Any, ...]]
"""A statement on its way: in a pipeline the first fetch waits for it."""


def dumps(value: Any) -> str:
    """JSON of anything, as `Jsonb` takes it."""
    return json.dumps(value, ensure_ascii=False, default=str)


async def insert_run(
    conn: Connection,
    *,
    run_id: UUID,
    tool_id: str,
    tool_name: str,
    operation_type: str,
    units: int,
    inputs: str,
    provider: str,
    idempotency_key: str | None,
    fingerprint: str,
) -> AsyncCursor[Run]:
    """Inserts a run. Waits for a start with the same key that is not committed yet.

    Returns:
        A cursor; it has the new run, or nothing when the caller has a run of that key that has not failed.
    """
    return await conn.cursor(row_factory=class_row(Run)).execute(
        f"""
            insert into public.generation_runs as r
                (id, user_id, tool_id, tool_name, operation_type, units, inputs, provider, idempotency_key, fingerprint)
            values (%s, private.caller_id(), %s, %s, %s, %s, %s::jsonb, %s, %s, %s)
            on conflict (user_id, idempotency_key) where idempotency_key is not null and status <> 'failed' do nothing
            returning {_RUN}
            """,  # noqa: S608
        [run_id, tool_id, tool_name, operation_type, units, inputs, provider, idempotency_key, fingerprint],
    )


async def run_of_key(conn: Connection, idempotency_key: str) -> tuple[UUID, str] | None:
    """Id and fingerprint of the caller's run of this key; those that failed have given it back."""
    cursor = await conn.execute(
        """
        select id, fingerprint from public.generation_runs
         where user_id = private.caller_id() and idempotency_key = %s and status <> 'failed'
        """,
        [idempotency_key],
    )
    return await cursor.fetchone()


async def hold_run(conn: Connection, run_id: UUID, expires_in: timedelta, first: Event) -> Answer:
    """Reserves what a new run costs and stores its first event; as service_role. Raises ZQUOT.

    Returns:
        A cursor; it has the reservation.
    """
    assert (first.id, first.kind) == (1, "started")
    return await conn.execute(
        "select private.hold_run(%s::uuid, %s::interval, %s::jsonb)", [run_id, expires_in, Jsonb(first.data, dumps)]
    )


async def get_run(conn: Connection, run_id: UUID) -> Run | None:
    """One run with title and text of its content as they are now."""
    async with conn.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(
            f"""
            select {_RUN}, c.title, c.output
              from public.generation_runs as r
              left join public.generated_content as c on c.id = r.content_id
             where r.id = %s
            """,  # noqa: S608
            [run_id],
        )
        return await cursor.fetchone()


async def running_runs(conn: Connection) -> list[Run]:
    """The caller's runs that are not over, the newest first."""
    async with conn.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(
            f"""
            select {_RUN} from public.generation_runs as r
             where r.status = 'running' and r.user_id = private.caller_id()
             order by r.created_at desc
            """  # noqa: S608
        )
        return await cursor.fetchall()


async def request_cancel(conn: Connection, run_id: UUID) -> None:
    """Tells the process that runs it, wherever that is, to stop."""
    await conn.execute(
        """
        update public.generation_runs set cancel_requested = true
         where id = %s and status = 'running' and not cancel_requested
        """,
        [run_id],
    )


async def insert_events(conn: Connection, events: Iterable[tuple[UUID, Event]]) -> None:
    """Stores events of any number of runs; those that are stored already are left alone. As service_role.

    In the order of their ids: the end of a run may store the same ones at the same time, and if one began at the other
    end, the two would wait for each other.
    """
    rows = [{"run_id": str(run_id), "id": e.id, "kind": e.kind, "data": e.data} for run_id, e in events]
    await conn.execute(
        """
        insert into public.generation_events (run_id, id, user_id, kind, data)
        select e.run_id, e.id, r.user_id, e.kind, e.data
          from jsonb_to_recordset(%s) as e (run_id uuid, id integer, kind text, data jsonb)
          join public.generation_runs as r on r.id = e.run_id
         order by e.run_id, e.id
            on conflict (run_id, id) do nothing
        """,
        [Jsonb(rows, dumps)],
    )


async def events_after(conn: Connection, run_id: UUID, after: int, limit: int = 500) -> list[Event]:
    """Stored events of one run with a greater id, in order."""
    async with conn.cursor(row_factory=class_row(Event)) as cursor:
        await cursor.execute(
            "select id, kind, data from public.generation_events where run_id = %s and id > %s order by id limit %s",
            [run_id, min(after, 2**31 - 1), limit],
        )
        return await cursor.fetchall()


async def beat(conn: Connection, run_ids: Sequence[UUID], quiet: timedelta) -> list[UUID]:
    """Shows that the process of these runs lives, writing only where the last sign is older than `quiet`; which of
    them shall be cancelled. As service_role."""
    cursor = await conn.execute(
        """
        with beaten as (
            update public.generation_runs set heartbeat_at = now()
             where id = any (%(ids)s) and status = 'running' and heartbeat_at < now() - %(quiet)s
        )
        select id from public.generation_runs where id = any (%(ids)s) and status = 'running' and cancel_requested
        """,
        {"ids": list(run_ids), "quiet": quiet},
    )
    return [row[0] for row in await cursor.fetchall()]
