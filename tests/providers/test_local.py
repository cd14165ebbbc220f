"""The embedded model: loaded once, on loopback, behind a key, quietly; and what happens when its file is bad."""

import asyncio
import json
import os
import struct
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.providers.conftest import Outline
from tests.support.scripted_openai import ScriptedOpenAI

from blogai.errors import ModelUnavailable
from blogai.providers.local import LocalModel, shipped_model
from blogai.providers.registry import Providers
from blogai.providers.text import Options, Prompt
from blogai.settings import ProviderSettings, Settings


def test_idle_until_it_is_used() -> None:
    model = LocalModel(Settings())
    assert model.state == "idle"
    assert model.error is None
    with pytest.raises(ModelUnavailable, match="not loaded yet"):
        _ = model.base_url


def test_one_instance_per_process_and_settings(tmp_path: Path) -> None:
    assert LocalModel.shared(Settings()) is LocalModel.shared(Settings())
    assert LocalModel.shared(Settings()) is not LocalModel.shared(Settings(model_path=tmp_path / "other.gguf"))


async def test_real_model_answers_streams_and_counts() -> None:
    """The whole path: loads, answers by a grammar, streams, counts, and lets nobody in without the key."""
    async with Providers(Settings(), environ={}) as providers:
        model = providers.model("local")
        loading = [asyncio.create_task(providers.warm("local")) for _ in range(3)]
        await asyncio.gather(*loading)
        assert providers.local.state == "ready"
        server = providers.local._server

        prompt = Prompt("You plan blog posts.", "Outline of a post about urban beekeeping.")
        options = Options(max_tokens=120, seed=3, extra={"repeat_penalty": 1.1, "min_p": 0.05})
        answer, tokens = await model.structured(prompt, Outline, options)
        assert 3 <= len(answer.sections) <= 5
        assert 0 < tokens.output <= 240
        assert tokens.input > 10
        assert tokens.cost_usd == 0
        assert not tokens.estimated

        async with model.stream(Prompt("", "Write about bees."), Options(max_tokens=12)) as pieces:
            written = [piece async for piece in pieces]
        assert len(written) > 3
        assert pieces.tokens.output in (len(written), len(written) + 1)  # the end of text counts too

        async with model.stream(Prompt("", "Write about bees."), Options(max_tokens=200)) as pieces:
            await anext(pieces)
            await anext(pieces)
        assert pieces.tokens.estimated
        assert pieces.tokens.output == 2

        grammar = Options(max_tokens=20, extra={"grammar": 'root ::= "honey" | "wax"'})
        async with model.stream(Prompt("", "Name one product of bees."), grammar) as pieces:
            assert "".join([str(piece) async for piece in pieces]) in ("honey", "wax")

        await providers.warm("local")
        assert providers.local._server is server
        url = providers.local.base_url
    assert url.startswith("http://127.0.0.1:")
    assert await asyncio.to_thread(status_without_key, url) == 401


def status_without_key(url: str) -> int:
    body = json.dumps({"messages": [{"role": "user", "content": "Hello"}]}).encode()
    request = urllib.request.Request(f"{url}/chat/completions", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


async def test_a_second_set_of_providers_uses_the_loaded_model() -> None:
    async with (
        Providers(Settings(), environ={}) as providers,
        providers.model().stream(Prompt("", "Say hello."), Options(max_tokens=3)) as pieces,
    ):
        assert [piece async for piece in pieces]


async def test_more_callers_than_slots_wait_their_turn() -> None:
    model = LocalModel(Settings())
    running = peak = 0

    async def call() -> None:
        nonlocal running, peak
        async with model.slot():
            running += 1
            peak = max(peak, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(call() for _ in range(12)))
    assert peak == 2


@pytest.fixture
def bad_files(tmp_path: Path) -> dict[str, Path]:
    """One file of each way to be wrong."""
    files = {name: tmp_path / f"{name}.gguf" for name in ("missing", "text", "truncated", "weightless")}
    files["text"].write_text("This is no model.\n" * 1000)
    with shipped_model().open("rb") as source:
        files["truncated"].write_bytes(source.read(40_000_000))
    # passes our check and is refused by the native code: one tensor, and no word on what it is
    tensor = struct.pack("<Q", 6) + b"weight" + struct.pack("<IQIQ", 1, 16, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tensor
    files["weightless"].write_bytes(head + bytes(-len(head) % 32 + 64))
    return files


BAD_FILES = """
import asyncio, json, sys
from blogai.errors import BlogAIError
from blogai.providers.local import LocalModel
from blogai.settings import Settings

async def main():
    for path in sys.argv[1:]:
        model = LocalModel(Settings(model_path=path))
        for turn in range(2):  # the second use tries again and fails alike
            try:
                await model.ready()
            except BlogAIError as exc:
                print(json.dumps([exc.code(), exc.remedy, model.state, model.error is exc]))

asyncio.run(main())
"""


def test_bad_model_files_are_errors_and_not_crashes(bad_files: dict[str, Path]) -> None:
    done = run(BAD_FILES, *map(str, bad_files.values()))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 8
    for code, remedy, state, remembered in lines:
        assert code == "model-unavailable"
        assert "BLOGAI_MODEL_PATH" in remedy
        assert state == "failed"
        assert remembered
    assert done.stderr == ""


async def test_missing_model_file_reaches_the_caller_and_the_fallback(bad_files: dict[str, Path]) -> None:
    settings = Settings(model_path=bad_files["missing"])
    async with Providers(settings, environ={}) as providers:
        with pytest.raises(ModelUnavailable, match="does not exist") as caught:
            await providers.model().structured(Prompt("", "Hi."), Outline)
        assert caught.value.details["provider"] == "local"
        assert providers.local.state == "failed"
    async with ScriptedOpenAI() as server:
        spare = ProviderSettings(kind="openai-compatible", model="m", base_url=server.base_url)
        settings = Settings(model_path=bad_files["text"], providers={"spare": spare}, fallback_providers=("spare",))
        async with Providers(settings, environ={}) as providers:
            model = providers.model("local")
            await model.structured(Prompt("", "Hi."), Outline)
            assert model.used.provider == "spare"


ONE_ANSWER = """
import asyncio, json
from blogai.providers.registry import Providers
from blogai.providers.text import Options, Prompt
from blogai.settings import Settings

async def main():
    async with Providers(Settings(), environ={}) as providers:
        async with providers.model().stream(Prompt("", "Hi."), Options(max_tokens=2)) as pieces:
            print(json.dumps([piece async for piece in pieces]))

asyncio.run(main())
"""


def test_native_code_writes_nothing_and_the_process_ends_cleanly() -> None:
    done = run(ONE_ANSWER)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert 1 <= len(json.loads(done.stdout)) <= 2  # nothing beside our own line


LEAVE = """
from blogai.providers.local import LocalModel
from blogai.settings import Settings

model = LocalModel(Settings())
model.start()
print(model.state)
"""


def test_a_process_that_ends_while_the_model_loads_ends_cleanly() -> None:
    done = run(LEAVE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "loading\n", "")


def run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
