"""The one transaction at the end of a run: content, tool counter, usage, the run itself and its last event."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from blogai.content import queries
from blogai.content.ending import Ending
from blogai.content.models import Event, Run
from blogai.db.database import Actor, Connection, Database, acting_as, become
from blogai.errors import Conflict, NotFound
from blogai.usage import service as usage


async def store(
    database: Database,
    actor: Actor,
    run: Run,
    ending: Ending,
    events: Sequence[Event],
    last_id: int,
    reservation_id: UUID | None = None,
) -> tuple[Run, Event]:
    """Stores and books the end of a run; all of it or nothing. Doing it twice is harmless.

    Args:
        database: where to.
        actor: whose run it is; the content is inserted as this actor.
        run: the run as it began.
        ending: how it ended.
        events: those that may not be in the database yet.
        last_id: id for the last event.
        reservation_id: of the run, where it is known: spares looking.

    Returns:
        The run as it is now, and its last event.

    Raises:
        DatabaseUnavailable: nothing happened, or it happened and the answer was lost; try again.
        NotFound: the run was deleted, by the deletion of its owner for example.
    """
    if reservation_id is not None:
        # As a rule the run is still running. All statements go out at once on that assumption, and it is checked
        # with their results.
        with suppress(_NotRunning, Conflict):
            return await _store_running(database, actor, run, ending, events, last_id, reservation_id)
    async with database.transaction(Actor.service()) as conn:
        standing = await queries.lock_run(conn, run.id)
        if standing is None:
            raise NotFound()
        swept = standing.status == "failed" and ending.output is not None
        content_id = standing.content_id
        if standing.status != "running" and not swept:  # the answer to an earlier attempt was lost
            return _ended(run, ending, content_id, standing.finished_at), _last_event(ending, content_id, last_id)
        if swept:
            # The process was cut off for longer than its lease and given up for dead, its quota released. Now it is
            # back with the text: kept, and not charged.
            await queries.forget_failure(conn, run.id)
        if ending.output is not None:
            content_id = uuid4()
            async with acting_as(conn, actor):
                await queries.insert_content(conn, content_id, run, ending)
        last = _last_event(ending, content_id, last_id)
        await queries.end_run(conn, run.id, ending, content_id, [*events, last], only_running=False)
        if standing.reservation_id is not None and not swept:
            await _book(conn, run, ending, content_id, standing.reservation_id)
    return _ended(run, ending, content_id, standing.now), last


class _NotRunning(Exception):
    """Somebody else has ended the run."""


async def _store_running(
    database: Database,
    actor: Actor,
    run: Run,
    ending: Ending,
    events: Sequence[Event],
    last_id: int,
    reservation_id: UUID,
) -> tuple[Run, Event]:
    content_id = None if ending.output is None else uuid4()
    last = _last_event(ending, content_id, last_id)
    async with database.transaction(Actor.service() if content_id is None else actor, pipeline=True) as conn:
        if content_id is not None:
            await queries.insert_content(conn, content_id, run, ending)
            await become(conn, Actor.service())
        end = await queries.end_run(conn, run.id, ending, content_id, [*events, last], only_running=True)
        await _book(conn, run, ending, content_id, reservation_id)
        row = await end.fetchone()
        if row is None:
            raise _NotRunning
    return _ended(run, ending, content_id, row[0]), last


async def _book(conn: Connection, run: Run, ending: Ending, content_id: UUID | None, reservation_id: UUID) -> None:
    """Settles the reservation with what was written, or releases it when there is nothing."""
    if content_id is None:
        await usage.release(conn, reservation_id)
        return
    await usage.settle(
        conn,
        reservation_id,
        tokens=ending.input_tokens + ending.output_tokens,
        metadata={
            "run_id": str(run.id),
            "content_id": str(content_id),
            "tool_id": run.tool_id,
            "provider": ending.provider,
            "model": ending.model,
            "input_tokens": ending.input_tokens,
            "output_tokens": ending.output_tokens,
            "cost_usd": None if ending.cost_usd is None else str(ending.cost_usd),
        },
    )


def unstored(run: Run, ending: Ending, last_id: int) -> tuple[Run, Event]:
    """The run and its last event for the readers in this process, when the database did not take its end."""
    return _ended(run, ending, None, None), _last_event(ending, None, last_id)


def _last_event(ending: Ending, content_id: UUID | None, event_id: int) -> Event:
    data: dict[str, Any]
    if ending.status == "failed":
        data = {"error": ending.error}
    else:
        data = {
            "content_id": None if content_id is None else str(content_id),
            "title": ending.title,
            "words": ending.words,
            "provider": ending.provider,
            "model": ending.model,
            "tokens": {"input": ending.input_tokens, "output": ending.output_tokens},
            "cost_usd": None if ending.cost_usd is None else str(ending.cost_usd),
            "execution_time_ms": ending.execution_time_ms,
            "metadata": ending.metadata,
        }
    return Event(id=event_id, kind=ending.status, data=data)


def _ended(run: Run, ending: Ending, content_id: UUID | None, finished_at: datetime | None) -> Run:
    return run.model_copy(
        update={**ending.model_dump(), "content_id": content_id, "finished_at": finished_at},
    )
