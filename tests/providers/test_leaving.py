"""Callers who leave early: the connection is closed at once, and what came is counted."""

import asyncio

import pytest
from tests.providers.conftest import PROMPT, Configure, outline
from tests.support.scripted_openai import ScriptedOpenAI, Silence, Stall


async def test_leaving_a_stream_closes_the_connection_and_counts(configure: Configure) -> None:
    async with ScriptedOpenAI(Stall(after=3)) as server, configure(lab=server.base_url) as providers:
        async with providers.model("lab").stream(PROMPT) as pieces:
            await anext(pieces)
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
    assert pieces.tokens.estimated
    assert pieces.tokens.output > 0
    assert pieces.tokens.input > 0


async def test_cancelling_the_reader_closes_the_connection_at_once(configure: Configure) -> None:
    async with ScriptedOpenAI(Stall(after=1)) as server, configure(lab=server.base_url) as providers:
        stream = providers.model("lab").stream(PROMPT)
        begun = asyncio.Event()

        async def consume() -> None:
            async with stream as pieces:
                async for _ in pieces:
                    begun.set()

        task = asyncio.create_task(consume())
        await asyncio.wait_for(begun.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
    assert stream.tokens.output > 0
    assert len(server.requests) == 1


async def test_cancelling_a_structured_call_closes_the_connection_and_counts(configure: Configure) -> None:
    async with ScriptedOpenAI(Silence()) as server, configure(lab=server.base_url) as providers:
        model = providers.model("lab")
        task = asyncio.create_task(outline(model))
        await asyncio.wait_for(server.arrived.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
    assert model.spent.estimated
    assert (model.spent.input > 0, model.spent.output) == (True, 0)
