"""The log of one run: numbers, order, gathering of text, followers."""

import asyncio

from blogai.content.events import MOST_TEXT, EventLog
from blogai.content.models import Event, text_of


async def test_pieces_of_a_moment_become_one_event() -> None:
    log = EventLog()
    log.emit("started", {})
    for piece in ("Bees ", "like ", "flowers."):
        log.text(piece)
    assert [event.kind for event in log.events] == ["started"]
    log.emit("progress", {"done": 1})
    assert [(event.id, event.kind) for event in log.events] == [(1, "started"), (2, "delta"), (3, "progress")]
    assert log.events[1].data == {"text": "Bees like flowers."}


async def test_text_is_told_without_anything_after_it() -> None:
    log = EventLog()
    log.text("alone")
    event = await anext(log.follow())
    assert event.data == {"text": "alone"}


async def test_much_text_does_not_wait() -> None:
    log = EventLog()
    log.text("x" * MOST_TEXT)
    assert len(log.events) == 1


async def test_a_restart_takes_text_with_it_that_was_not_told_yet() -> None:
    log = EventLog()
    log.emit("section", {"text": "## One\n\n"})
    log.text("lost")
    log.emit("restart", {})
    log.text("kept")
    log.flush_text()
    assert [event.kind for event in log.events] == ["section", "restart", "delta"]
    assert text_of(log.events) == "## One\n\nkept"


async def test_followers_from_any_id_see_the_rest_until_the_last_event() -> None:
    log = EventLog()
    log.emit("started", {})

    async def read(after: int) -> list[Event]:
        return [event async for event in log.follow(after)]

    readers = [asyncio.create_task(read(after)) for after in range(6)]
    for number in range(3):
        log.emit("progress", {"number": number})
        await asyncio.sleep(0)
    log.publish(log.last("finished", {}))
    assert len(log.events) == 5
    for after, reader in enumerate(readers):
        assert await reader == log.events[after:]


def test_text_of_obeys_restarts_and_sections() -> None:
    events = [
        Event(1, "section", {"text": "A"}),
        Event(2, "delta", {"text": "b"}),
        Event(3, "section", {"text": "C"}),
        Event(4, "delta", {"text": "d"}),
        Event(5, "restart", {}),
        Event(6, "delta", {"text": "e"}),
    ]
    assert text_of(events) == "AbCe"
