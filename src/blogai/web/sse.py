"""Server-sent events: JSON data, ids to resume from, comments as heartbeat."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Protocol

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from blogai.cancellation import end
from blogai.errors import InvalidInput

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""


class Event(Protocol):
    """What is sent: an id that grows, a kind, JSON data."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> dict[str, object]: ...


def after(last_event_id: str | None) -> int:
    """The event id to go on from.

    Raises:
        InvalidInput: Last-Event-ID is not a whole number.
    """
    if last_event_id is None or last_event_id == "":
        return 0
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19):
        raise InvalidInput(
            f"Last-Event-ID {last_event_id!r} is not an event id.",
            field="Last-Event-ID",
            remedy="Send the id of the last event that you received, or leave the header out.",
        )
    return int(last_event_id)


async def _encode(events: AsyncIterator[Event], heartbeat: float) -> AsyncIterator[bytes]:
    source = aiter(events)
    step: asyncio.Future[Event] | None = None
    try:
        while True:
            step = step or asyncio.ensure_future(anext(source))
            done, _ = await asyncio.wait((step,), timeout=heartbeat)
            if not done:
                yield format_sse_event(comment="alive")
                continue
            try:
                event = step.result()
            except StopAsyncIteration:
                return
            finally:
                step = None
            yield format_sse_event(
                data_str=json.dumps(event.data, ensure_ascii=False, default=str), event=event.kind, id=str(event.id)
            )
    finally:
        if step is not None:
            await end(step)
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


class EventStream(StreamingResponse):
    """A response that sends events as they come and ends with them."""

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncIterator[Event],
        status_code: int = 200,
        *,
        headers: dict[str, str] | None = None,
        heartbeat: float = HEARTBEAT,
    ) -> None:
        super().__init__(
            _encode(events, heartbeat),
            status_code,
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"} | (headers or {}),
        )
