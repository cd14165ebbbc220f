"""The one transaction at the end of a run: content, tool counter, usage, the run itself and its last event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from blogai.content import queries
from blogai.content.ending import Ending
from blogai.content.models import Event, Run
from blogai.db.database import Actor, Database, acting_as
from blogai.errors import NotFound
from blogai.usage import service as usage


async def store(
    database: Database, actor: Actor, run: Run, ending: Ending, events: Sequence[Event], last_id: int
) -> tuple[Run, Event]:
    """Stores and books the end of a run; all of it or nothing. Doing it twice is harmless.

    Args:
        actor: whose run it is; the content is inserted as this actor.
        run: the run as it began.
        ending: how it ended.
        events: those that may not be in the database yet.
        last_id: id for the last event.

    Returns:
        The run as it is now, and its last event.

    Raises:
        DatabaseUnavailable: nothing happened, or it happened and the answer was lost; try again.
        NotFound: the run was deleted, by the deletion of its owner for example.
    """
    async with database.transaction(Actor.service(), pipeline=True) as conn:
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
                await queries.insert_content(
                    conn, content_id, tool_id=run.tool_id, tool_name=run.tool_name, inputs=run.inputs, ending=ending
                )
            await queries.count_tool(conn, run.tool_id)
        last = _last_event(ending, content_id, last_id)
        await queries.end_run(conn, run.id, ending, content_id, [*events, last])
        if standing.reservation_id is not None and not swept:
            if ending.output is None:
                await usage.release(conn, standing.reservation_id)
            else:
                await usage.settle(
                    conn,
                    standing.reservation_id,
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
    return _ended(run, ending, content_id, standing.now), last


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
