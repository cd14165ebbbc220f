"""The events of one run in this process: numbered, kept in order, given to readers as they happen."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from blogai.content.models import Event
from blogai.content.text import clean

COALESCE = 0.05
"""Seconds for which pieces of text are gathered into one event: quick enough to read along, and a
long text does not become thousands of rows."""

MOST_TEXT = 2000
"""Characters after which an event of text is complete however little time has passed."""


class EventLog:
    """Events are appended by the writer, stored in batches by the pipeline and followed by readers.

    Readers in this process see an event at once, not when it is stored: a slow or stopped database does
    not stop the text.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.stored = 0
        """How many of `events`, from the first on, are in the database."""
        self._pending: list[str] = []
        self._pending_length = 0
        self._timer: asyncio.TimerHandle | None = None
        self._more = asyncio.Event()

    @property
    def ended(self) -> bool:
        return bool(self.events) and self.events[-1].last

    def emit(self, kind: str, data: Mapping[str, Any] | None = None) -> Event:
        """Adds one event; text that is still being gathered comes before it, or goes with a `restart`."""
        if kind == "restart":
            self._take()
        else:
            self.flush_text()
        return self._add(Event(id=self._next_id(), kind=kind, data=clean(data or {})))

    def text(self, piece: str) -> None:
        """Adds text, which becomes a `delta` event a moment later together with its neighbours."""
        self._pending.append(piece)
        self._pending_length += len(piece)
        if self._pending_length >= MOST_TEXT:
            self.flush_text()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(COALESCE, self.flush_text)

    def flush_text(self) -> None:
        """Makes an event of the text gathered so far."""
        if text := self._take():
            self._add(Event(id=self._next_id(), kind="delta", data={"text": text}))

    def unstored(self) -> list[Event]:
        return self.events[self.stored :]

    async def follow(self, after: int = 0) -> AsyncIterator[Event]:
        """The events with a greater id, those to come included, until the last one of the run."""
        at = 0
        while True:
            while at < len(self.events):
                event = self.events[at]
                at += 1
                if event.id > after:
                    yield event
            if self.ended:
                return
            await self._more.wait()

    def _take(self) -> str:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        text = "".join(self._pending)
        self._pending.clear()
        self._pending_length = 0
        return text

    def last(self, kind: str, data: Mapping[str, Any]) -> Event:
        """The last event of the run, not yet told: it is stored together with the result first."""
        self.flush_text()
        return Event(id=self._next_id(), kind=kind, data=clean(data))

    def publish(self, event: Event) -> None:
        """Tells the last event."""
        self._add(event)

    def _next_id(self) -> int:
        return self.events[-1].id + 1 if self.events else 1

    def _add(self, event: Event) -> Event:
        assert not self.ended, "nothing follows the last event of a run"
        self.events.append(event)
        more, self._more = self._more, asyncio.Event()
        more.set()
        return event
