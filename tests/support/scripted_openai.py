"""A loopback server that speaks the OpenAI chat API and plays a script: good answers, faults, cuts, silence.

    async with ScriptedOpenAI(Failure(429, headers={"retry-after": "0"}), Text("Fine.")) as server:
        ...  # talk to server.base_url; the first call is refused, the second answered, all later ones too

Each request takes the next step of the script; when the script is used up (or empty) the server answers by
itself: a request with a JSON schema gets data that is valid for it, others some paragraphs of prose.
It is written on bare asyncio, since a web framework will not cut a connection in the middle of a chunk, and
so that it costs next to nothing in benchmarks. Also usable from another thread: see `ScriptedThread`.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.support.prose import paragraphs, sample


@dataclass(frozen=True)
class Text:
    """Answers with this text; None stands for the server's own choice.

    Attributes:
        text: the content of the message.
        finish_reason: why it ended.
        usage: whether the answer reports token counts.
        pause: seconds before each piece of a stream, or once before a whole answer.
    """

    text: str | None = None
    finish_reason: str = "stop"
    usage: bool = True
    pause: float = 0.0


@dataclass(frozen=True)
class Failure:
    """Answers with an HTTP error."""

    status: int
    message: str = "scripted failure"
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Silence:
    """Accepts the request and says nothing until the client has left."""


@dataclass(frozen=True)
class Cut:
    """Breaks a stream after some pieces: by a reset connection, or tidily but without its end mark."""

    text: str = "This text will never be whole because the line breaks."
    after: int = 3
    tidy: bool = False


@dataclass(frozen=True)
class Stall:
    """Streams some pieces and then keeps silent until the client has left."""

    text: str = "This text stops in the middle and the provider keeps silent."
    after: int = 3


@dataclass(frozen=True)
class Raw:
    """Answers 200 with these bytes as the body."""

    body: bytes
    content_type: str = "application/json"


Step = Text | Failure | Silence | Cut | Stall | Raw


@dataclass
class Request:
    """A request that came in.

    Attributes:
        path: path and query.
        headers: with lower-case names.
        body: the JSON body.
        gone: set when the client closed the connection before the answer had ended.
        sent: pieces of a stream sent so far.
    """

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0


class ScriptedOpenAI:
    """The server. `requests` holds all that came in; `arrived` is set by each."""

    def __init__(self, *script: Step, model: str = "scripted-1", words: int = 120) -> None:
        """Args:
        script: what to do with the first requests, in order.
        model: name of the model in the answers.
        words: length of the prose that the server writes by itself.
        """
        self.script = list(script)
        self.model = model
        self.words = words
        self.requests: list[Request] = []
        self.arrived = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                self.arrived.set()
                step = self.script.pop(0) if self.script else Text()
                if not await self._play(step, request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the test ended
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _play(
        self, step: Step, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Carries out one step; False when the connection is not to be used again."""
        match step:
            case Failure():
                error = {"error": {"message": step.message, "type": "scripted", "code": step.code}}
                await _reply(writer, step.status, json.dumps(error).encode(), headers=step.headers)
                return True
            case Raw():
                await _reply(writer, 200, step.body, content_type=step.content_type)
                return True
            case Silence():
                await _left(reader, request)
                return False
            case Text() if not request.body.get("stream"):
                if step.pause:
                    await asyncio.sleep(step.pause)
                await _reply(writer, 200, json.dumps(self._completion(step, request)).encode())
                return True
            case Text():
                return await self._stream(step, request, reader, writer)
            case Cut() | Stall():
                return await self._break(step, request, reader, writer)

    def _answer(self, step: Text, request: Request) -> str:
        if step.text is not None:
            return step.text
        asked = "\n".join(str(message.get("content")) for message in request.body.get("messages", []))
        wanted = request.body.get("response_format") or {}
        if wanted.get("type") == "json_schema":
            return json.dumps(sample(wanted["json_schema"]["schema"], seed=asked))
        return paragraphs(asked, words=self.words)

    def _completion(self, step: Text, request: Request) -> dict[str, Any]:
        text = self._answer(step, request)
        message = {"role": "assistant", "content": text}
        answer: dict[str, Any] = {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": step.finish_reason}],
        }
        if step.usage:
            answer["usage"] = _usage(request, text)
        return answer

    async def _stream(
        self, step: Text, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        text = self._answer(step, request)
        watcher = asyncio.create_task(_left(reader, request))
        try:
            _open_stream(writer)
            async for piece in _pieces(text, step.pause):
                await self._chunk(writer, {"content": piece})
                request.sent += 1
                if request.gone.is_set():
                    return False
            await self._chunk(writer, {}, finish_reason=step.finish_reason)
            if step.usage and (request.body.get("stream_options") or {}).get("include_usage"):
                await self._chunk(writer, None, usage=_usage(request, text))
            _send(writer, b"data: [DONE]\n\n")
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        finally:
            watcher.cancel()
        return False  # the watcher has read from the connection

    async def _break(
        self, step: Cut | Stall, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        _open_stream(writer)
        for piece in step.text.split(" ")[: step.after]:
            await self._chunk(writer, {"content": piece + " "})
            request.sent += 1
        if isinstance(step, Stall):
            await _left(reader, request)
        elif step.tidy:
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        else:
            writer.transport.abort()
        return False

    async def _chunk(
        self,
        writer: asyncio.StreamWriter,
        delta: dict[str, Any] | None,
        finish_reason: str | None = None,
        usage: dict[str, int] | None = None,
    ) -> None:
        chunk: dict[str, Any] = {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": self.model,
            "choices": [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        }
        if usage is not None:
            chunk["usage"] = usage
        _send(writer, b"data: " + json.dumps(chunk).encode() + b"\n\n")
        await writer.drain()


class ScriptedThread:
    """The same server in a thread with an event loop of its own, for clients in other processes or blocking code."""

    def __init__(self, *script: Step, model: str = "scripted-1", words: int = 120) -> None:
        self.server = ScriptedOpenAI(*script, model=model, words=words)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-openai", daemon=True)

    @property
    def base_url(self) -> str:
        return self.server.base_url

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.__aenter__(), self._loop).result(10)
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self.server.__aexit__(None, None, None), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(path=first.split(" ")[1], headers=headers, body=json.loads(body) if body else {})


async def _reply(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> None:
    lines = [f"HTTP/1.1 {status} Scripted", f"content-type: {content_type}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    await writer.drain()


def _open_stream(writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 Scripted\r\ncontent-type: text/event-stream\r\n"
        b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )


def _send(writer: asyncio.StreamWriter, event: bytes) -> None:
    writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")


async def _left(reader: asyncio.StreamReader, request: Request) -> None:
    """Returns when the client has closed its side."""
    with suppress(ConnectionError):
        await reader.read()
    request.gone.set()


async def _pieces(text: str, pause: float) -> AsyncIterator[str]:
    for number, word in enumerate(text.split(" ")):
        if pause:
            await asyncio.sleep(pause)
        yield word if number == 0 else " " + word


def _usage(request: Request, text: str) -> dict[str, int]:
    """Counts words, so that tests can tell them from estimates."""
    read = sum(len(str(message.get("content")).split()) for message in request.body.get("messages", []))
    wrote = len(text.split())
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
