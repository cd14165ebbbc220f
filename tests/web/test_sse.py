"""Event streams carry JSON with ids, keep the connection alive and let go of their source."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from blogai.errors import InvalidInput
from blogai.web.sse import EventStream, after


@dataclass(frozen=True)
class Piece:
    id: int
    kind: str
    data: dict[str, object] = field(default_factory=dict)


async def test_newlines_and_text_survive() -> None:
    async def events() -> AsyncIterator[Piece]:
        yield Piece(3, "delta", {"text": "a\n\nb é"})

    body = b"".join([bytes(chunk) async for chunk in EventStream(events()).body_iterator])  # type: ignore[arg-type]
    lines = body.decode().splitlines()
    assert lines[0] == "event: delta"
    assert lines[2] == "id: 3"
    assert json.loads(lines[1].removeprefix("data: ")) == {"text": "a\n\nb é"}


async def test_silence_is_filled_and_the_source_is_closed() -> None:
    closed = asyncio.Event()

    async def events() -> AsyncIterator[Piece]:
        try:
            await asyncio.Event().wait()
            yield Piece(1, "never")
        finally:
            closed.set()

    stream = EventStream(events(), heartbeat=0.01).body_iterator
    assert await anext(aiter(stream)) == b": alive\n\n"
    await stream.aclose()  # type: ignore[attr-defined]
    assert closed.is_set()


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 30, "٣"])
def test_wrong_last_event_id(value: str) -> None:
    with pytest.raises(InvalidInput, match="Last-Event-ID"):
        after(value)


def test_last_event_id() -> None:
    assert after(None) == after("") == 0
    assert after("42") == 42
