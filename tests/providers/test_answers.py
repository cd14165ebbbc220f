"""Calls over HTTP that go well: what is sent, what comes back, what is counted."""

import asyncio
from decimal import Decimal

import pytest
from tests.providers.conftest import GOOD, PROMPT, Configure, Outline, read
from tests.support.scripted_openai import ScriptedOpenAI, Stall, Text

from blogai.providers.registry import Providers
from blogai.providers.text import Options
from blogai.settings import ProviderSettings


async def test_structured_answer_with_reported_tokens(configure: Configure) -> None:
    async with ScriptedOpenAI(Text(GOOD)) as server, configure(lab=server.base_url) as providers:
        model = providers.model("lab")
        answer, tokens = await model.structured(PROMPT, Outline, Options(temperature=0.2, max_tokens=50, seed=7))
    assert answer == Outline(title="Bees", sections=["one", "two", "three"])
    assert (tokens.input, tokens.output, tokens.estimated) == (7, 6, False)
    assert tokens.cost_usd is None  # nobody knows what this server's owner pays
    assert (model.used.provider, model.used.model) == ("lab", "scripted-1")
    body = server.requests[0].body
    assert body["messages"] == [
        {"role": "system", "content": PROMPT.system},
        {"role": "user", "content": PROMPT.user},
    ]
    assert (body["temperature"], body["max_tokens"], body["seed"]) == (0.2, 50, 7)
    schema = body["response_format"]["json_schema"]["schema"]
    assert set(schema["properties"]) == {"title", "sections"}


async def test_extra_options_reach_the_server(configure: Configure) -> None:
    options = Options(extra={"min_p": 0.05, "grammar": 'root ::= "x"', "repeat_penalty": 1.1})
    async with ScriptedOpenAI() as server, configure(lab=server.base_url) as providers:
        await read(providers.model("lab").stream(PROMPT, options))
    body = server.requests[0].body
    assert (body["min_p"], body["grammar"], body["repeat_penalty"]) == (0.05, 'root ::= "x"', 1.1)


async def test_extra_options_of_local_servers_never_reach_openai(configure: Configure) -> None:
    async with ScriptedOpenAI(Text("Words.")) as server:
        entry = ProviderSettings(kind="openai", model="gpt-4o-mini", base_url=server.base_url, api_key="k")  # type: ignore[arg-type]
        async with configure(providers={"paid": entry}) as providers:
            stream = providers.model("paid").stream(PROMPT, Options(extra={"min_p": 0.05, "top_p": 0.9}))
            await read(stream)
    body = server.requests[0].body
    assert "min_p" not in body
    assert body["top_p"] == 0.9
    assert server.requests[0].headers["authorization"] == "Bearer k"


async def test_stream_gives_pieces_as_they_come_and_reported_tokens(configure: Configure) -> None:
    async with ScriptedOpenAI(Text("one two three four")) as server, configure(lab=server.base_url) as providers:
        stream = providers.model("lab").stream(PROMPT)
        pieces = await read(stream)
    assert pieces == ["one", " two", " three", " four"]
    assert (stream.tokens.input, stream.tokens.output, stream.tokens.estimated) == (7, 4, False)


async def test_first_piece_comes_before_the_last_is_written(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Stall(after=1)) as server,
        configure(lab=server.base_url) as providers,
        providers.model("lab").stream(PROMPT) as pieces,
    ):
        assert await asyncio.wait_for(anext(pieces), 10) == "This "


async def test_stream_tells_that_it_was_cut_off(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Text("Not all", finish_reason="length"), Text("All.")) as server,
        configure(lab=server.base_url) as providers,
    ):
        for cut_off in (True, False):
            stream = providers.model("lab").stream(PROMPT)
            await read(stream)
            assert stream.cut_off is cut_off


async def test_tokens_are_estimated_and_marked_when_the_provider_reports_none(configure: Configure) -> None:
    async with ScriptedOpenAI(Text("x" * 40, usage=False)) as server, configure(lab=server.base_url) as providers:
        stream = providers.model("lab").stream(PROMPT)
        await read(stream)
    assert stream.tokens.estimated
    assert stream.tokens.output == 10
    assert stream.tokens.input == 4 + 6  # 15 and 22 characters


async def test_known_model_has_a_price(configure: Configure) -> None:
    async with ScriptedOpenAI(Text(GOOD), model="gpt-4o-mini") as server:
        entry = ProviderSettings(kind="openai", model="gpt-4o-mini", base_url=server.base_url, api_key="k")  # type: ignore[arg-type]
        async with configure(providers={"paid": entry}) as providers:
            _, tokens = await providers.model("paid").structured(PROMPT, Outline)
    assert isinstance(tokens.cost_usd, Decimal)
    assert 0 < tokens.cost_usd < Decimal("0.001")


async def test_programming_errors_are_not_hidden(configure: Configure) -> None:
    async with ScriptedOpenAI() as server, configure(lab=server.base_url) as providers:
        with pytest.raises(TypeError):
            await providers.model("lab").structured(PROMPT, Outline, Options(extra={"bad": object()}))


def test_providers_can_be_made_without_a_loop(configure: Configure) -> None:
    assert isinstance(configure(), Providers)
