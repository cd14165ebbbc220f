"""What the pipeline costs beside the provider: reserve, events, store, settle.

    python -m benchmarks.pipeline [--rounds 40]

A whole post over HTTP with an instant provider on loopback, against the same calls made bare with pydantic-ai plus an
endpoint of one INSERT; and an operation of one call to a model in the server's process, against that endpoint. All
ways alternate in one run; the figures are ratios of medians.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from pydantic_ai import direct
from pydantic_ai.messages import ModelRequest
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.providers.openai import OpenAIProvider
from tests.support.scripted_openai import ScriptedThread

from benchmarks.table import Row, show
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.startup import prepare_embedded

POST = {"topic": "Urban beekeeping for beginners", "words": 400, "provider": "scripted"}
ONE = {"topic": "bees"}


@contextmanager
def served(server: EmbeddedPostgres, provider: str, folder: Path) -> Iterator[str]:
    """The address of a running API."""
    command = [sys.executable, "-m", "benchmarks.pipeline_server"]
    process = subprocess.Popen(
        [*command, server.app_dsn(), server.owner_dsn(), provider, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(["src", "."])},
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(30)


class Client:
    """One kept connection that sends each request in one piece; a client library would cost more than what is
    measured."""

    def __init__(self, base: str) -> None:
        self._address = base.removeprefix("http://")
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: dict[str, Any], accept: str = "application/json") -> bytes:
        """The body of the answer, which must be a success."""
        if self._reader is None or self._writer is None:
            host, port = self._address.split(":")
            self._reader, self._writer = await asyncio.open_connection(host, int(port))
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._address}\r\nAccept: {accept}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        if "content-length" in headers:
            answer = await self._reader.readexactly(int(headers["content-length"]))
        else:
            answer = b""
            while size := int(await self._reader.readline(), 16):
                answer += await self._reader.readexactly(size)
                await self._reader.readline()
            await self._reader.readline()
        assert lines[0].split()[1] in ("200", "201"), answer
        return answer


async def bare(model: OpenAIChatModel, body: dict[str, Any]) -> None:
    """One recorded call, made with pydantic-ai alone."""
    said = {message["role"]: message["content"] for message in body["messages"]}
    request = ModelRequest.user_text_prompt(said["user"], instructions=said.get("system"))
    settings: Any = {"temperature": body["temperature"], "max_tokens": 4000}
    if body.get("stream"):
        async with direct.model_request_stream(model, [request], model_settings=settings) as stream:
            async for _ in stream:
                pass
        return
    wanted = (body.get("response_format") or {}).get("json_schema")
    parameters = ModelRequestParameters()
    if wanted is not None:
        parameters = ModelRequestParameters(
            output_mode="native",
            output_object=OutputObjectDefinition(json_schema=wanted["schema"], name=wanted["name"]),
        )
    await direct.model_request(model, [request], model_settings=settings, model_request_parameters=parameters)


async def medians(rounds: int, **ways: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """Median seconds of each way; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 3):
        for name, way in ways.items():
            begin = time.perf_counter()
            await way()
            if turn >= 3:  # the first ones warm up
                times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(taken) for name, taken in times.items()}


async def compare(base: str, provider: ScriptedThread, rounds: int) -> list[Row]:
    model = OpenAIChatModel(
        "scripted-1", provider=OpenAIProvider(base_url=provider.base_url, api_key="none"), settings={}
    )
    client = Client(base)

    async def ask(path: str, body: dict[str, Any]) -> Any:
        return json.loads(await client.post(path, body))

    async def post_as_events() -> None:
        events = await client.post("/api/v1/posts", POST, accept="text/event-stream")
        assert b"event: finished" in events, events[-500:]

    provider.server.requests.clear()
    written = await ask("/api/v1/posts", POST)
    calls = [request.body for request in provider.server.requests]
    assert len(calls) >= 5
    assert written["words"] > 200

    async def post_bare() -> None:
        for body in calls:
            await bare(model, body)

    async def insert() -> Any:
        return await ask("/one-insert", ONE)

    whole = await medians(
        rounds,
        post=lambda: ask("/api/v1/posts", POST),
        events=post_as_events,
        bare=post_bare,
        insert=insert,
    )
    short = await medians(
        rounds * 10,
        call=lambda: ask("/one-call", ONE),
        insert=insert,
        control=insert,
        bare=lambda: ask("/bare-insert", ONE),
    )
    yardstick = (short["insert"] + short["control"]) / 2
    floor = whole["bare"] + whole["insert"]
    return [
        Row(
            "whole post, JSON", whole["post"] / floor, "<= 1.5", f"its {len(calls)} calls bare + endpoint of one INSERT"
        ),
        Row("whole post, event stream", whole["events"] / floor, "<= 1.5", "the same"),
        Row(
            "operation of one call",
            short["call"] / yardstick,
            "<= 3",
            f"endpoint of one INSERT by its caller (control {short['control'] / short['insert']:.2f})",
        ),
        Row("operation of one call", short["call"] / short["bare"], "", "one INSERT by the owner, no role, no policy"),
        Row("whole post, ms", whole["post"] * 1000, "", ""),
        Row("its calls bare, ms", whole["bare"] * 1000, "", ""),
        Row("operation of one call, ms", short["call"] * 1000, "", ""),
        Row("endpoint of one INSERT, ms", yardstick * 1000, "", ""),
    ]


def measure(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="blogai-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "data") as server, ScriptedThread() as provider:
            asyncio.run(prepare_embedded(server))
            with psycopg.connect(server.owner_dsn(), autocommit=True) as owner:
                owner.execute("update public.tier_limits set monthly_limit = -1, daily_limit = -1")
            with served(server, provider.base_url, folder / "blogai") as base:
                return asyncio.run(compare(base, provider, rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="times that a whole post is written")
    show("Generation pipeline", measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
