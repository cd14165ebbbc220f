"""The writer: what readers see, what is counted, how a cancel gets through."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from tests.content.models import Gate, Stream, breaking, pieces_of, providers_of, settings_in

from blogai.content.events import EventLog
from blogai.content.models import text_of
from blogai.content.writer import Cancelled, Writer
from blogai.errors import ProviderUnavailable
from blogai.providers.text import Prompt, Restart

ASK = Prompt(system="You write.", user="About bees.")


class Words(BaseModel):
    words: list[str]


@pytest.fixture
def log() -> EventLog:
    return EventLog()


def writer_on(stream: Stream, log: EventLog, folder: Path) -> Writer:
    return Writer(providers_of(settings_in(folder), test=stream).model("test"), log)


async def test_a_stream_is_told_and_counted(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(pieces_of("Bees ", "like ", "flowers."), log, tmp_path)
    got = [piece async for piece in writer.stream(ASK)]
    log.flush_text()
    assert "".join(str(piece) for piece in got) == writer.text == text_of(log.events) == "Bees like flowers."
    assert writer.tokens.output > 0
    assert writer.tokens.input > 0
    assert (writer.provider, writer.kind) == ("test", "python")


async def test_tokens_of_all_calls_add_up(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(pieces_of("Bees."), log, tmp_path)
    assert (await writer.structured(ASK, Words)).words == ["queen", "drone", "worker"]
    one = writer.tokens
    await writer.structured(ASK, Words)
    assert (writer.tokens.input, writer.tokens.output) == (one.input * 2, one.output * 2)


async def test_a_broken_stream_restarts_and_takes_back_its_own_text_alone(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(breaking(["Wrong ", "text"], ["Right."]), log, tmp_path)
    await writer.section("One")
    await writer.write("Kept. ")
    got = [piece async for piece in writer.stream(ASK)]
    log.flush_text()
    assert [isinstance(piece, Restart) for piece in got] == [False, False, True, False]
    assert writer.text == text_of(log.events) == "## One\n\nKept. Right."
    assert "restart" in [event.kind for event in log.events]


async def test_a_silent_stream_leaves_it_to_the_operation_what_readers_see(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(pieces_of("Sure, here it is: ", "Bees."), log, tmp_path)
    got = [str(piece) async for piece in writer.stream(ASK, silent=True)]
    assert writer.text == ""
    await writer.write(got[-1])
    assert writer.text == "Bees."


async def test_a_passage_is_replaced_for_readers_and_for_what_is_kept(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(pieces_of("Bees ", "like ", "flowers."), log, tmp_path)
    await writer.section("One")
    await writer.write("Old passage. ")
    await writer.write("Kept.")
    await writer.replace("Old passage.", "New passage.", step="voice")
    await writer.replace("never written", "x", step="voice")
    assert writer.text == text_of(log.events) == "## One\n\nNew passage. Kept."
    assert log.events[-2].data == {"step": "voice", "change": {"before": "Old passage.", "after": "New passage."}}
    _ = [piece async for piece in writer.stream(ASK, silent=True)]
    assert writer.text == text_of(log.events)


async def test_a_model_that_fails_for_good_raises(log: EventLog, tmp_path: Path) -> None:
    async def dead(messages: object, info: object) -> AsyncIterator[str]:
        raise ConnectionRefusedError("nobody there")
        yield ""

    writer = writer_on(dead, log, tmp_path)
    with pytest.raises(ProviderUnavailable):
        [piece async for piece in writer.stream(ASK)]


async def test_nul_characters_of_a_model_do_not_get_through(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(pieces_of("Be\x00es", "\x00"), log, tmp_path)
    async for _ in writer.stream(ASK):
        pass
    await writer.emit("meta", {"title": "T\x00", "tags": ["a\x00"]})
    assert writer.text == "Bees"
    assert writer.title == "T"
    assert log.events[-1].data == {"title": "T", "tags": ["a"]}


async def test_after_a_cancel_every_call_refuses(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(pieces_of("Bees."), log, tmp_path)
    writer.cancel()
    with pytest.raises(Cancelled):
        await writer.structured(ASK, Words)
    with pytest.raises(Cancelled):
        await writer.write("x")
    with pytest.raises(Cancelled):
        await writer.emit("progress", {})
    with pytest.raises(Cancelled):
        [piece async for piece in writer.stream(ASK)]
    assert log.events == []


async def test_a_stream_that_is_left_in_the_middle_is_counted(log: EventLog, tmp_path: Path) -> None:
    gate = Gate(["Bees ", "like "])
    writer = writer_on(gate.stream, log, tmp_path)

    async def read() -> None:
        async for _ in writer.stream(ASK):
            pass

    task = asyncio.create_task(read())
    await gate.reached.wait()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    await writer.close()
    assert writer.text == "Bees like "
    assert writer.tokens.output > 0


async def test_operations_cannot_end_their_run_by_an_event(log: EventLog, tmp_path: Path) -> None:
    writer = writer_on(pieces_of(), log, tmp_path)
    for kind in ("finished", "failed", "cancelled", "started", "nonsense"):
        with pytest.raises(ValueError, match="cannot emit"):
            await writer.emit(kind, {})
