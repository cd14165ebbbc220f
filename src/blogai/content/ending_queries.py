"""The statements of the end of a run, one function each; who may run them is said as in `queries`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from blogai.content.ending import Ending
from blogai.content.models import Event, Run
from blogai.content.queries import Answer, dumps
from blogai.db.database import Connection


@dataclass(frozen=True)
class Standing:
    """Where a run stands when its end is written."""

    id: UUID
    user_id: str
    status: str
    reservation_id: UUID | None
    content_id: UUID | None
    finished_at: datetime | None
    last_event: int
    now: datetime
    """Time of the transaction."""


async def lock_run(conn: Connection, run_id: UUID) -> Standing | None:
    """Locks a run to end it; as service_role. The lock lets events of the run through, whose foreign key looks at it:
    events may be on their way to the database just now, and the end of the run waits for them."""
    async with conn.cursor(row_factory=class_row(Standing)) as cursor:
        await cursor.execute(
            """
            select r.id, r.user_id, r.status, r.reservation_id, r.content_id, r.finished_at, 0 as last_event, now()
              from public.generation_runs as r where r.id = %s for no key update
            """,
            [run_id],
        )
        return await cursor.fetchone()


async def lock_dead_run(conn: Connection, lease: timedelta, run_id: UUID | None = None) -> Standing | None:
    """Locks the oldest run without a sign of life for longer than the lease, skipping what somebody else has locked.

    A server that was down tells nothing about its clients: until it has been up for the length of a lease, no run
    counts as dead. As service_role.
    """
    async with conn.cursor(row_factory=class_row(Standing)) as cursor:
        await cursor.execute(
            """
            select r.id, r.user_id, r.status, r.reservation_id, r.content_id, r.finished_at,
                   coalesce((select max(e.id) from public.generation_events as e where e.run_id = r.id), 0)
                       as last_event,
                   now()
              from public.generation_runs as r
             where r.status = 'running'
               and r.heartbeat_at < now() - %(lease)s
               and pg_postmaster_start_time() < now() - %(lease)s
               and (%(run)s::uuid is null or r.id = %(run)s)
             order by r.created_at
             limit 1
               for no key update of r skip locked
            """,
            {"lease": lease, "run": run_id},
        )
        return await cursor.fetchone()


async def insert_content(conn: Connection, content_id: UUID, run: Run, ending: Ending) -> None:
    """A new piece of content, which belongs to the caller."""
    await conn.execute(
        """
        insert into public.generated_content
            (id, tool_id, tool_name, inputs, output, title, provider, execution_time_ms, user_hash)
        values (%s, %s, %s, %s, %s, %s, %s, %s, private.caller_hash())
        """,
        [
            content_id,
            run.tool_id,
            run.tool_name,
            Jsonb(run.inputs, dumps),
            ending.output,
            ending.title,
            ending.provider,
            ending.execution_time_ms,
        ],
    )


async def end_run(
    conn: Connection,
    run_id: UUID,
    ending: Ending,
    content_id: UUID | None,
    events: Iterable[Event],
    usage: Mapping[str, Any],
) -> Answer:
    """Ends a running run: last events, of which those that are stored already are left alone, usage settled or
    released, tool counted. As service_role. Raises ZCNFL when it is not running.

    Args:
        usage: what the log of usage says about it.

    Returns:
        A cursor; it has the time of the end.
    """
    return await conn.execute(
        """
        select private.end_run(
            %s::uuid, %s::text, %s::uuid, %s::text, %s::text, %s::jsonb, %s::integer, %s::integer, %s::numeric,
            %s::integer, %s::jsonb, %s::jsonb, %s::jsonb)
        """,
        [
            run_id,
            ending.status,
            content_id,
            ending.provider,
            ending.model,
            Jsonb(ending.metadata, dumps),
            ending.input_tokens,
            ending.output_tokens,
            ending.cost_usd,
            ending.execution_time_ms,
            None if ending.error is None else Jsonb(ending.error, dumps),
            Jsonb([{"id": e.id, "kind": e.kind, "data": e.data} for e in events], dumps),
            Jsonb(dict(usage), dumps),
        ],
    )


async def fail_dead_run(conn: Connection, run_id: UUID, error: Mapping[str, Any], last: Event) -> None:
    """Ends a run whose process died, with its last event; as service_role."""
    await conn.execute(
        """
        with told as (
            insert into public.generation_events (run_id, id, user_id, kind, data)
            select r.id, %(event)s, r.user_id, %(kind)s, %(data)s from public.generation_runs as r where r.id = %(run)s
        )
        update public.generation_runs set status = 'failed', finished_at = now(), error = %(error)s where id = %(run)s
        """,
        {
            "run": run_id,
            "event": last.id,
            "kind": last.kind,
            "data": Jsonb(last.data, dumps),
            "error": Jsonb(dict(error), dumps),
        },
    )


async def reopen_run(conn: Connection, run_id: UUID) -> None:
    """Takes back the end that a sweep wrote: the process was only cut off and has come back with its result. The
    reservation stays released, and the idempotency key with another attempt that has taken it. As service_role."""
    while True:
        try:
            async with conn.transaction():
                await _reopen_run(conn, run_id)
                return
        except psycopg.errors.UniqueViolation:
            continue  # another attempt had not committed when this looked: it has the key now


async def _reopen_run(conn: Connection, run_id: UUID) -> None:
    await conn.execute(
        """
        with taken_back as (
            delete from public.generation_events where run_id = %(run)s and kind = 'failed'
        )
        update public.generation_runs as r
           set status = 'running', finished_at = null, error = null, reservation_id = null,
               idempotency_key = case
                   when exists (
                       select from public.generation_runs as o
                        where o.user_id = r.user_id and o.idempotency_key = r.idempotency_key and o.status <> 'failed'
                   ) then null
                   else r.idempotency_key
               end
         where r.id = %(run)s
        """,
        {"run": run_id},
    )
