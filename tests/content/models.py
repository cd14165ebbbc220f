"""Models of our own making for tests of the pipeline: pydantic-ai's FunctionModel behind the real providers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from blogai.providers.backoff import Backoff
from blogai.providers.registry import Providers
from blogai.settings import Settings

Stream = Callable[[list[ModelMessage], AgentInfo], AsyncIterator[str]]


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings that keep their data in a folder."""
    return Settings(**{"data_dir": folder, "provider_retries": 1, **more})


def providers_of(settings: Settings, **streams: Stream) -> Providers:
    """Providers by name, each answering with a stream function, or with `answer` in one piece."""
    models = {name: FunctionModel(answer, stream_function=stream) for name, stream in streams.items()}
    return Providers(settings, environ={}, backoff=Backoff(base=0.0), models=models)


async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """A list of three words, in the shape `Words`."""
    return ModelResponse(parts=[TextPart(json.dumps({"words": ["queen", "drone", "worker"]}))])


def pieces_of(*pieces: str) -> Stream:
    """Streams these pieces."""

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    return stream


def breaking(first: Sequence[str], then: Sequence[str]) -> Stream:
    """Breaks in mid stream on the first call; later calls go well."""
    calls = 0

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        nonlocal calls
        calls += 1
        for piece in first if calls == 1 else then:
            yield piece
        if calls == 1:
            raise ConnectionResetError("the line was cut")

    return stream


class Gate:
    """A stream that stops after its first pieces until it is let go on."""

    def __init__(self, before: Sequence[str], after: Sequence[str] = ()) -> None:
        self.reached = asyncio.Event()
        self.go = asyncio.Event()
        self._before, self._after = before, after

    async def stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        for piece in self._before:
            yield piece
        self.reached.set()
        await self.go.wait()
        for piece in self._after:
            yield piece
