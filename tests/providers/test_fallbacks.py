"""Providers that stand in for others."""

import pytest
from tests.providers.conftest import GOOD, PROMPT, Configure, outline, read
from tests.support.scripted_openai import Cut, Failure, ScriptedOpenAI, Text

from blogai import errors
from blogai.providers.text import Restart


async def test_fallbacks_are_tried_in_order(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Failure(401)) as first,
        ScriptedOpenAI(*[Failure(500)] * 2) as second,
        ScriptedOpenAI(Text(GOOD)) as third,
        configure(
            a=first.base_url,
            b=second.base_url,
            c=third.base_url,
            fallback_providers=("b", "c"),
            provider_retries=1,
        ) as providers,
    ):
        model = providers.model("a")
        assert (await outline(model)).title == "Bees"
        assert model.name == "a"
        assert model.used.provider == "c"
        assert [len(server.requests) for server in (first, second, third)] == [1, 2, 1]


async def test_stream_falls_back_in_mid_stream(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Cut(after=2)) as first,
        ScriptedOpenAI(Text("Whole text.")) as second,
        configure(a=first.base_url, b=second.base_url, fallback_providers=("b",), provider_retries=0) as providers,
    ):
        model = providers.model("a")
        pieces = await read(model.stream(PROMPT))
    restart = next(index for index, piece in enumerate(pieces) if isinstance(piece, Restart))
    assert pieces[restart + 1 :] == ["Whole", " text."]
    assert model.used.provider == "b"


async def test_when_all_fail_the_error_is_that_of_the_chosen_one(configure: Configure) -> None:
    async with (
        ScriptedOpenAI(Failure(401)) as first,
        ScriptedOpenAI(Failure(500)) as second,
        configure(a=first.base_url, b=second.base_url, fallback_providers=("b",), provider_retries=0) as providers,
    ):
        with pytest.raises(errors.ProviderRejected) as caught:
            await outline(providers.model("a"))
    assert caught.value.details["provider"] == "a"
    assert [attempt["provider"] for attempt in caught.value.details["attempts"]] == ["a", "b"]
    assert [attempt["error"] for attempt in caught.value.details["attempts"]] == [
        "provider-rejected",
        "provider-unavailable",
    ]


async def test_a_chain_is_parted_where_the_embedded_model_and_others_meet(configure: Configure) -> None:
    async with configure(a="http://a/v1", b="http://b/v1", fallback_providers=("b", "local")) as providers:
        model = providers.model("a")
        parts = model.parts()
        assert [(part.name, part.kind) for part in parts] == [("a", "openai-compatible"), ("local", "local")]
        assert [part.name for part in providers.model("local").parts()] == ["local", "b"]


async def test_what_a_part_does_is_known_to_the_whole(configure: Configure) -> None:
    async with ScriptedOpenAI(Text(GOOD)) as server, configure(lab=server.base_url) as providers:
        model = providers.model("lab")
        (part,) = model.parts()
        await outline(part)
        assert (model.spent.input, model.spent.output) == (7, 6)
        assert model.used.provider == "lab"
