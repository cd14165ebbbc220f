"""Providers that refuse, are down, slow or busy: what is repeated, and what the caller is told."""

import socket
import time

import pytest
from tests.providers.conftest import GOOD, PROMPT, Configure, outline, read
from tests.support.scripted_openai import Failure, ScriptedOpenAI, Silence, Stall, Text

from blogai import errors


@pytest.mark.parametrize("status", [401, 403])
async def test_key_rejected_is_not_repeated(configure: Configure, status: int) -> None:
    async with ScriptedOpenAI(*[Failure(status)] * 5) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected) as caught:
            await outline(providers.model("lab"))
        with pytest.raises(errors.ProviderRejected):
            await read(providers.model("lab").stream(PROMPT))
    assert len(server.requests) == 2
    assert "lab" in caught.value.message
    assert "scripted-1" in caught.value.message
    assert "BLOGAI_PROVIDERS__LAB__API_KEY" in str(caught.value.remedy)
    assert caught.value.details["provider"] == "lab"
    assert caught.value.details["model"] == "scripted-1"


async def test_bad_request_and_unknown_model_are_not_repeated(configure: Configure) -> None:
    script = (Failure(400, "context too long"), Failure(404, "no such model", code="model_not_found"))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        for _ in script:
            with pytest.raises(errors.ProviderRejected) as caught:
                await outline(providers.model("lab"))
            assert caught.value.remedy
    assert len(server.requests) == 2


async def test_refusal_quotes_the_providers_words(configure: Configure) -> None:
    async with ScriptedOpenAI(Failure(400, "too many tokens")) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected) as caught:
            await outline(providers.model("lab"))
    assert caught.value.message == "Provider lab (model scripted-1) refused the request: too many tokens"


async def test_empty_account_is_not_repeated(configure: Configure) -> None:
    script = [Failure(429, "You exceeded your current quota", code="insufficient_quota")] * 4
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected, match="quota"):
            await outline(providers.model("lab"))
    assert len(server.requests) == 1


async def test_content_filter_is_not_repeated(configure: Configure) -> None:
    script = (Text("", finish_reason="content_filter"), Text("", finish_reason="content_filter"))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderRejected, match="declined"):
            await outline(providers.model("lab"))
        with pytest.raises(errors.ProviderRejected, match="declined"):
            await read(providers.model("lab").stream(PROMPT))
    assert len(server.requests) == 2


async def test_provider_down(configure: Configure) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can open it meanwhile
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        async with configure(lab=url) as providers:
            with pytest.raises(errors.ProviderUnavailable) as caught:
                await outline(providers.model("lab"))
            with pytest.raises(errors.ProviderUnavailable):
                await read(providers.model("lab").stream(PROMPT))
    assert len(caught.value.details["attempts"]) == 4
    assert caught.value.remedy


async def test_slow_provider_times_out(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Silence(), Silence(), Stall(after=2), Stall(after=2)) as server,
        configure(lab=server.base_url, provider_timeout=0.3) as providers,
    ):
        with pytest.raises(errors.ProviderTimeout, match=r"0\.3 s") as caught:
            await outline(providers.model("lab"))
        with pytest.raises(errors.ProviderTimeout):
            await read(providers.model("lab").stream(PROMPT))
    assert len(server.requests) == 4  # each call and one repeat
    assert "BLOGAI_PROVIDER_TIMEOUT" in str(caught.value.remedy)


async def test_429_then_fine_waits_as_long_as_asked(configure: Configure) -> None:
    script = (Failure(429, headers={"retry-after": "1"}), Text(GOOD))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        began = time.monotonic()
        assert (await outline(providers.model("lab"))).title == "Bees"
    assert time.monotonic() - began >= 1
    assert len(server.requests) == 2


async def test_429_that_asks_for_too_long_a_wait_is_given_up(configure: Configure) -> None:
    script = (Failure(429, headers={"retry-after": "3600"}), Text(GOOD))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        with pytest.raises(errors.ProviderOverloaded):
            await outline(providers.model("lab"))
    assert len(server.requests) == 1


async def test_429_for_ever(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(*[Failure(429)] * 9) as server,
        configure(lab=server.base_url, provider_retries=2) as providers,
    ):
        with pytest.raises(errors.ProviderOverloaded):
            await outline(providers.model("lab"))
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_5xx_then_fine(configure: Configure, status: int) -> None:
    script = (Failure(status), Failure(status), Text(GOOD), Failure(status), Text("Some words."))
    async with ScriptedOpenAI(*script) as server, configure(lab=server.base_url) as providers:
        assert (await outline(providers.model("lab"))).title == "Bees"
        pieces = await read(providers.model("lab").stream(PROMPT))
    assert pieces == ["Some", " words."]  # nothing was given, so nothing restarts
    assert len(server.requests) == 5
