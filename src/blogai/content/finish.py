"""The one transaction at the end of a run: content, tool counter, usage, the run itself and its last event."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from blogai.brand import score_queries
from blogai.content import ending_queries as queries
from blogai.content.ending import Ending
from blogai.content.models import Event, Run
from blogai.content.queries import Answer
from blogai.db.database import Actor, Connection, Database, acting_as, become
from blogai.errors import Conflict, NotFound


async def store(
    database: Database, actor: Actor, run: Run, ending: Ending, events: Sequence[Event], last_id: int
) -> tuple[Run, Event]:
    """Stores and books the end of a run; all of it or nothing. Doing it twice is harmless.

    Args:
        database: where to.
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
    # As a rule the run is still running: all statements go out at once, and the last one refuses if it is not.
    with suppress(Conflict):
        async with database.transaction(actor, pipeline=True) as conn:
            content_id, last, end = await _write(conn, actor, run, ending, events, last_id)
        row = await end.fetchone()
        assert row is not None
        return _ended(run, ending, content_id, row[0]), last
    async with database.transaction(Actor.service()) as conn:
        standing = await queries.lock_run(conn, run.id)
        if standing is None:
            raise NotFound()
        swept = standing.status == "failed" and ending.output is not None
        if standing.status != "running" and not swept:  # the answer to an earlier attempt was lost
            last = _last_event(ending, standing.content_id, last_id)
            return _ended(run, ending, standing.content_id, standing.finished_at), last
        if swept:
            # The process was cut off for longer than its lease and given up for dead, its quota released. Now it is
            # back with the text: kept, and not charged.
            await queries.reopen_run(conn, run.id)
        content_id, last, _ = await _write(conn, actor, run, ending, events, last_id)
    return _ended(run, ending, content_id, standing.now), last


async def _write(
    conn: Connection, actor: Actor, run: Run, ending: Ending, events: Sequence[Event], last_id: int
) -> tuple[UUID | None, Event, Answer]:
    """Sends what an end consists of. Raises Conflict, at the latest when the transaction ends, if the run is over."""
    content_id = None if ending.output is None else uuid4()
    last = _last_event(ending, content_id, last_id)
    if content_id is not None:
        async with acting_as(conn, actor):
            await queries.insert_content(conn, content_id, run, ending)
    await become(conn, Actor.service())
    if content_id is not None:
        for score in ending.scores:
            columns = score.model_dump(exclude={"profile_id"})
            await score_queries.insert_score(conn, uuid4(), score.profile_id, actor.user_hash, str(content_id), columns)
    usage = {
        "run_id": str(run.id),
        "content_id": str(content_id),
        "tool_id": run.tool_id,
        "provider": ending.provider,
        "model": ending.model,
        "input_tokens": ending.input_tokens,
        "output_tokens": ending.output_tokens,
        "cost_usd": None if ending.cost_usd is None else str(ending.cost_usd),
    }
    return content_id, last, await queries.end_run(conn, run.id, ending, content_id, [*events, last], usage)


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
        update={**ending.model_dump(exclude={"scores"}), "content_id": content_id, "finished_at": finished_at},
    )
